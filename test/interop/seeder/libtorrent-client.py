"""Downloads a torrent: libtorrent-client.py TORRENT FOLDER true|false, the last for encrypted connections only."""
import sys
import libtorrent as lt

torrent, folder, encrypted = sys.argv[1], sys.argv[2], sys.argv[3] == 'true'
policy = lt.enc_policy.pe_forced if encrypted else lt.enc_policy.pe_disabled
session = lt.session({
    'listen_interfaces': '127.0.0.1:0',
    'enable_dht': False, 'enable_lsd': False, 'enable_upnp': False, 'enable_natpmp': False,
    'in_enc_policy': int(policy), 'out_enc_policy': int(policy),
    'allowed_enc_level': int(lt.enc_level.rc4),
    'allow_multiple_connections_per_ip': True,
    'alert_mask': int(lt.alert.category_t.status_notification),
})
session.add_torrent({'ti': lt.torrent_info(torrent), 'save_path': folder})
finished = False
while not finished:
    if not session.wait_for_alert(30000):
        sys.exit('no news for 30 s')
    finished = any(isinstance(alert, lt.torrent_finished_alert) for alert in session.pop_alerts())
