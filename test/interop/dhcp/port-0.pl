# Sends one datagram from UDP port 0, which no ordinary socket does: address, port, payload in hexadecimal.
use strict;
use Socket;

my ( $address, $port, $payload ) = @ARGV;
my $bytes = pack 'H*', $payload;
socket( my $socket, PF_INET, SOCK_RAW, getprotobyname('udp') // 17 ) or die "cannot open: $!";
my $datagram = pack( 'n4', 0, $port, 8 + length $bytes, 0 ) . $bytes;
send( $socket, $datagram, 0, sockaddr_in( 0, inet_aton($address) ) ) or die "cannot send: $!";
