# Prints the addresses and ports of every UDP packet on an interface, in either direction: perl sniff.pl INTERFACE
use strict;
use warnings;
use Socket;

$| = 1;
my $ETH_P_ALL = 3;
socket( my $sniffer, 17, SOCK_RAW, unpack( 'S', pack( 'n', $ETH_P_ALL ) ) ) or die "no packet socket: $!";
# A packet socket is bound by the number of the interface.
open( my $index, '-|', 'ip', '-o', 'link', 'show', 'dev', $ARGV[0] ) or die "no ip: $!";
my ($number) = <$index> =~ /^(\d+)/ or die "no interface $ARGV[0]";
bind( $sniffer, pack( 'S n l S C C a8', 17, $ETH_P_ALL, $number, 0, 0, 0, '' ) ) or die "cannot bind: $!";
print "listening on $ARGV[0]\n";

while ( defined recv( $sniffer, my $frame, 65536, 0 ) ) {
    next unless length($frame) >= 42 and unpack( 'x12 n', $frame ) == 0x0800 and unpack( 'x23 C', $frame ) == 17;
    my ( $from, $to ) = map { inet_ntoa($_) } unpack( 'x26 a4 a4', $frame );
    my ( $source, $target ) = unpack( 'n n', substr( $frame, 14 + 4 * ( unpack( 'x14 C', $frame ) & 15 ) ) );
    print "$from:$source > $to:$target\n";
}
