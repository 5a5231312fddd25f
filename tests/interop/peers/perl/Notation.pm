# The runner's notation of values. What a library makes of them comes from it: `make` is
# called with a type and a plain value and gives the library's own, `look` with the
# library's own and gives a type and a plain value. Texts are characters, not bytes.
package Notation;
use strict;
use warnings;
use Encode qw(decode encode);
use Exporter 'import';
our @EXPORT_OK = qw(make_calls);

sub unescape {
    my ($text) = @_;
    $text =~ s/%(..)/chr hex $1/ge;
    return $text;
}

sub escape {
    my ($bytes) = @_;
    $bytes =~ s/([^A-Za-z0-9_.-])/sprintf '%%%02X', ord $1/ge;
    return $bytes;
}

sub escape_text {
    my ($text) = @_;
    return escape( encode( 'UTF-8', $text ) );
}

sub read_value {
    my ( $lines, $make ) = @_;
    my ( $type, $text ) = split / /, shift @$lines;
    if ( $type eq 'array' ) {
        return $make->( array => [ map { read_value( $lines, $make ) } 1 .. $text ] );
    }
    if ( $type eq 'struct' ) {
        my %struct;
        for ( 1 .. $text ) {
            my ( undef, $name ) = split / /, shift @$lines;
            $name = decode( 'UTF-8', unescape( $name // '' ) );
            $struct{$name} = read_value( $lines, $make );
        }
        return $make->( struct => \%struct );
    }
    $text = decode( 'UTF-8', unescape( $text // '' ) ) if $type eq 'string';
    $text = unescape( $text // '' ) if $type eq 'base64';
    return $make->( $type, $text );
}

sub lines_of {
    my ( $value, $look ) = @_;
    my ( $type, $plain ) = $look->($value);
    return 'nil' if $type eq 'nil';
    if ( $type eq 'array' ) {
        return ( 'array ' . @$plain, map { lines_of( $_, $look ) } @$plain );
    }
    if ( $type eq 'struct' ) {
        my @members = map { ( 'name ' . escape_text($_), lines_of( $plain->{$_}, $look ) ) } keys %$plain;
        return ( 'struct ' . keys %$plain, @members );
    }
    $plain = escape_text($plain) if $type eq 'string' || $type eq 'text';
    $plain = escape($plain) if $type eq 'base64';
    return "$type $plain";
}

# Makes the calls of a file. `call` is given a method and params; it returns the result,
# or dies with [CODE, TEXT] for a fault, or with anything else.
sub make_calls {
    my ( $file, $make, $look, $call ) = @_;
    open my $handle, '<', $file or die $!;
    chomp( my @lines = <$handle> );
    $| = 1;
    while (@lines) {
        my ( undef, $name, $method, $count ) = split / /, shift @lines;
        my @params = map { read_value( \@lines, $make ) } 1 .. $count;
        my @answer = eval { ( "result $name", lines_of( $call->( $method, @params ), $look ) ) };
        if ( ref $@ eq 'ARRAY' ) {
            @answer = "fault $name $@->[0] " . escape_text( $@->[1] );
        }
        elsif ($@) {
            @answer = "error $name " . escape_text("$@");
        }
        print "$_\n" for @answer;
    }
    return;
}

1;
