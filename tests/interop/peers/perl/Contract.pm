# The contract's methods, by name, for a library: `make` is given a type and a plain value,
# and makes what the library sends as that type; `plain_of` is the other way; `fault`
# gives or dies with what it sends as a fault.
package Contract;
use strict;
use warnings;

sub count {
    my ( $text, $character ) = @_;
    my $count = () = $text =~ /\Q$character/g;
    return $count;
}

sub sum {
    my ($struct) = @_;
    return $struct->{moe} + $struct->{larry} + $struct->{curly};
}

sub methods {
    my ( $make, $plain_of, $fault ) = @_;
    my $image = '';

    # What Perl has no type of its own for must be made that type again.
    my %again;
    for my $type (qw(boolean base64)) {
        $again{$type} = sub { return $make->( $type => $plain_of->( $type => $_[0] ) ) };
    }
    my %methods = (
        'validator1.arrayOfStructsTest' => sub {
            my $total = 0;
            $total += $_->{curly} for @{ $_[0] };
            return $total;
        },
        'validator1.countTheEntities' => sub {
            my ($text) = @_;
            return {
                ctLeftAngleBrackets  => count( $text, '<' ),
                ctRightAngleBrackets => count( $text, '>' ),
                ctAmpersands         => count( $text, '&' ),
                ctApostrophes        => count( $text, q{'} ),
                ctQuotes             => count( $text, q{"} ),
            };
        },
        'validator1.easyStructTest'         => \&sum,
        'validator1.manyTypesTest'          => sub {
            my ( $int, $boolean, $string, $double, $date, $bytes ) = @_;
            return [ $int, $again{boolean}->($boolean), $string, $double, $date, $again{base64}->($bytes) ];
        },
        'validator1.moderateSizeArrayCheck' => sub { return $_[0][0] . $_[0][-1] },
        'validator1.nestedStructTest'       => sub { return sum( $_[0]{2000}{'04'}{'01'} ) },
        'validator1.simpleStructReturnTest' => sub {
            my ($number) = @_;
            return { times10 => $number * 10, times100 => $number * 100, times1000 => $number * 1000 };
        },
        'interopEchoTests.noInParams'   => sub { return 1 },
        'interopEchoTests.whichToolkit' => sub {
            return {
                toolkitDocsUrl         => 'https://metacpan.org',
                toolkitName            => 'Perl',
                toolkitVersion         => "v$^V",
                toolkitOperatingSystem => $^O,
            };
        },
        get_string => sub { return "get string:$_[0]" },
        add        => sub { return $_[0] + $_[1] },
        fault      => $fault,
        image_put  => sub { $image = $plain_of->( base64 => $_[0] ); return $make->( boolean => 1 ) },
        image_get  => sub { return $make->( base64 => $image ) },
    );
    my @echoes = map { "interopEchoTests.echo$_" }
        qw(String Integer Float Struct StringArray IntegerArray FloatArray StructArray Date);
    $methods{$_} = sub { return $_[0] } for @echoes, 'echo', 'validator1.echoStructTest';
    $methods{'interopEchoTests.echoBoolean'} = $again{boolean};
    $methods{'interopEchoTests.echoBase64'}  = $again{base64};
    return %methods;
}

1;
