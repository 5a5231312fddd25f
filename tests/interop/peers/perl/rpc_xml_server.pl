# The contract's methods by Perl's RPC::XML, on a free port, which is printed.
use strict;
use warnings;
use FindBin '$Bin';
use lib $Bin;
use Contract;
use RPC::XML;
use RPC::XML::Server;

$RPC::XML::ENCODING  = 'utf-8';
$RPC::XML::ALLOW_NIL = 1;

my %methods = Contract::methods(
    sub { my ( $type, $plain ) = @_; return "RPC::XML::$type"->new($plain) },
    sub { my ( $type, $value ) = @_; return $value },
    sub { return RPC::XML::fault->new( $_[0], $_[1] ) },
);
my $server = RPC::XML::Server->new( host => '127.0.0.1', port => 0 );
die $server unless ref $server;
for my $name ( keys %methods ) {
    $server->add_method( { type => 'function', name => $name, code => $methods{$name} } );
}
$| = 1;
print $server->port, "\n";
$server->server_loop;
