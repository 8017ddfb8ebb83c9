# Prints the addresses and ports of UDP packets on an interface, in either direction: perl sniff.pl INTERFACE
# With "outgoing" behind it: of every IPv4 packet that leaves this computer there, with its protocol: udp, tcp, igmp, …
use strict;
use warnings;
use Socket;

$| = 1;
my ( $interface, $outgoing ) = @ARGV;
my ( $ETH_P_ALL, $IPV4, $UDP, $PACKET_OUTGOING ) = ( 3, 0x0800, 17, 4 );
socket( my $sniffer, 17, SOCK_RAW, unpack( 'S', pack( 'n', $ETH_P_ALL ) ) ) or die "no packet socket: $!";
# A packet socket is bound by the number of the interface.
open( my $index, '-|', 'ip', '-o', 'link', 'show', 'dev', $interface ) or die "no ip: $!";
my ($number) = <$index> =~ /^(\d+)/ or die "no interface $interface";
bind( $sniffer, pack( 'S n l S C C a8', 17, $ETH_P_ALL, $number, 0, 0, 0, '' ) ) or die "cannot bind: $!";
print "listening on $interface\n";

while ( defined( my $link = recv( $sniffer, my $frame, 65536, 0 ) ) ) {
    next unless length($frame) >= 34 and unpack( 'x12 n', $frame ) == $IPV4;
    my $protocol = unpack( 'x23 C', $frame );
    # The kernel tells the direction in sll_pkttype, behind family, protocol, index and hardware type.
    next if $outgoing ? unpack( 'x10 C', $link ) != $PACKET_OUTGOING : $protocol != $UDP;
    my ( $from, $to ) = map { inet_ntoa($_) } unpack( 'x26 a4 a4', $frame );
    my ( $source, $target ) = unpack( 'n n', substr( $frame, 14 + 4 * ( unpack( 'x14 C', $frame ) & 15 ) ) );
    my $name = $outgoing ? ( getprotobynumber($protocol) // $protocol ) . ' ' : '';
    my $ports = $protocol == $UDP || $protocol == 6;
    print $name, $ports ? "$from:$source > $to:$target\n" : "$from > $to\n";
}
