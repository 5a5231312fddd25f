# A server by Perl's RPC::XML, on a free port, which is printed first. It takes nothing
# but what its signatures say: an int is no double.
use strict;
use warnings;
use RPC::XML::Server;

my $server = RPC::XML::Server->new( host => '127.0.0.1', port => 0 );
die $server unless ref $server;

$server->add_method( {
    name      => 'divide',
    signature => ['double double double'],
    help      => 'Divides.',
    code      => sub { my ( $self, $x, $y ) = @_; return RPC::XML::double->new( $x / $y ); },
} );
$server->add_method( {
    name      => 'when',
    signature => [ 'string dateTime.iso8601', 'string i8' ],
    code      => sub { my ( $self, $value ) = @_; return RPC::XML::string->new("got $value"); },
} );

$| = 1;
print $server->port, "\n";
$server->server_loop;
