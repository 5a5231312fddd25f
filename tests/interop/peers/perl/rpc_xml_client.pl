# Makes the calls of a file by Perl's RPC::XML: rpc_xml_client.pl URL FILE
use strict;
use warnings;
use FindBin '$Bin';
use lib $Bin;
use Notation 'make_calls';
use RPC::XML;
use RPC::XML::Client;

$RPC::XML::ENCODING  = 'utf-8';
$RPC::XML::ALLOW_NIL = 1;
my ( $url, $file ) = @ARGV;
my $client = RPC::XML::Client->new($url);

sub make {
    my ( $type, $plain ) = @_;
    return RPC::XML::nil->new if $type eq 'nil';
    $type = 'datetime_iso8601' if $type eq 'dateTime';
    return "RPC::XML::$type"->new( $type eq 'array' ? ( from => $plain ) : $plain );
}

sub look {
    my ($value) = @_;
    my $type = $value->type;
    return ( array => [@$value] )   if $type eq 'array';
    return ( struct => {%$value} )  if $type eq 'struct';
    $type = 'dateTime' if $type eq 'dateTime.iso8601';
    $type = 'int' if $type eq 'i4';
    return ( $type, $value->value );
}

sub call {
    my ( $method, @params ) = @_;
    my $answer = $client->send_request( RPC::XML::request->new( $method, @params ) );
    die "$answer\n" unless ref $answer;
    die [ $answer->code, $answer->string ] if $answer->is_fault;
    return $answer;
}

make_calls( $file, \&make, \&look, \&call );
