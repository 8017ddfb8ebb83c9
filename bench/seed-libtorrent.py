"""Seeds with libtorrent: seed-libtorrent.py FOLDER TORRENT PORT. Says `ready`, and seeds until it is killed."""
import sys
import time
import libtorrent as lt

folder, torrent, port = sys.argv[1:4]
session = lt.session({
    'listen_interfaces': f'127.0.0.1:{port}',
    'enable_dht': False, 'enable_lsd': False, 'enable_upnp': False, 'enable_natpmp': False,
    'allow_multiple_connections_per_ip': True,
})
handle = session.add_torrent({'ti': lt.torrent_info(torrent), 'save_path': folder})
while not handle.status().is_seeding:
    time.sleep(0.1)
print('ready', flush=True)
while True:
    time.sleep(3600)
