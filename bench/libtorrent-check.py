"""Prints the seconds from a session's start until it seeds the torrent, after having checked all pieces: TORRENT FOLDER"""
import sys
import time

import libtorrent

torrent, folder = sys.argv[1:]
begin = time.monotonic()
session = libtorrent.session({
    'listen_interfaces': '127.0.0.1:0', 'enable_dht': False, 'enable_lsd': False, 'enable_upnp': False,
    'enable_natpmp': False, 'alert_mask': libtorrent.alert.category_t.status_notification,
})
session.add_torrent({'ti': libtorrent.torrent_info(torrent), 'save_path': folder})
while True:
    session.wait_for_alert(1000)
    if any(isinstance(alert, libtorrent.torrent_finished_alert) for alert in session.pop_alerts()):
        break
print(time.monotonic() - begin)
