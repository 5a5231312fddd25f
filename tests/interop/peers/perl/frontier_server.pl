# The contract's methods by Perl's Frontier, on a free port, which is printed.
use strict;
use warnings;
use FindBin '$Bin';
use lib $Bin;
use Contract;
use Frontier::Daemon;
use Frontier::RPC2;
use MIME::Base64;

# The library accepts connections before it returns.
package PrintingDaemon {
    our @ISA = 'Frontier::Daemon';
    my $is_printed;

    sub accept {
        my ( $self, @rest ) = @_;
        print $self->sockport, "\n" unless $is_printed++;
        return $self->SUPER::accept(@rest);
    }
}

my %make = (
    boolean => sub { return Frontier::RPC2::Boolean->new( $_[0] ) },
    base64  => sub { return Frontier::RPC2::Base64->new( encode_base64( $_[0], '' ) ) },
);
my %methods = Contract::methods(
    sub { my ( $type, $plain ) = @_; return $make{$type}->($plain) },
    sub { my ( $type, $value ) = @_; return $type eq 'base64' ? decode_base64( $value->value ) : $value->value },
    sub { die "$_[1]\n" },
);
$| = 1;
PrintingDaemon->new( LocalAddr => '127.0.0.1', LocalPort => 0, methods => \%methods );
