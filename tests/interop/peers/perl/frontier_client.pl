# Makes the calls of a file by Perl's Frontier: frontier_client.pl URL FILE
use strict;
use warnings;
use FindBin '$Bin';
use lib $Bin;
use Encode 'encode';
use Frontier::Client;
use MIME::Base64;
use Notation 'make_calls';

my ( $url, $file ) = @ARGV;
my $client = Frontier::Client->new( url => $url );

sub make {
    my ( $type, $plain ) = @_;
    return undef if $type eq 'nil';
    return $plain if $type eq 'array' || $type eq 'struct';
    return $client->base64( encode_base64( $plain, '' ) ) if $type eq 'base64';
    return $client->int($plain) if $type eq 'i8';
    return $client->string( encode( 'UTF-8', $plain ) ) if $type eq 'string';
    return $client->date_time($plain) if $type eq 'dateTime';
    return $client->$type($plain);
}

sub look {
    my ($value) = @_;
    my $class = ref $value;
    return ( array    => $value ) if $class eq 'ARRAY';
    return ( struct   => $value ) if $class eq 'HASH';
    return ( base64   => decode_base64( $value->value ) ) if $class =~ /Base64/;
    return ( dateTime => $value->value ) if $class =~ /DateTime/;
    return ( boolean  => $value->value ) if $class =~ /Boolean/;

    # Numbers and texts come alike.
    return ( text => $value // '' );
}

sub call {
    my ( $method, @params ) = @_;
    my $result = eval { $client->call( $method, @params ) };
    return $result unless $@;
    die [ $1, $2 ] if $@ =~ /^Fault returned from XML RPC Server, fault code (-?\d+): (.*)\n/s;
    die $@;
}

make_calls( $file, \&make, \&look, \&call );
