"""Echo server on `websocket-server`. Usage: server_websocket_server.py PORT

A weak target on purpose. The library hands on text messages only and drops binary and fragmented ones; it has no
size limit to raise. Whatever a connection makes it raise ends that connection's thread with a traceback on stderr.
"""

import signal
import threading

from websocket_server import WebsocketServer

from peer import HOST, announce, port_argument


def echo(client, server, message) -> None:
    server.send_message(client, message)


stop = threading.Event()
for number in (signal.SIGTERM, signal.SIGINT):
    signal.signal(number, lambda *_: stop.set())

server = WebsocketServer(host=HOST, port=port_argument())
server.set_fn_message_received(echo)
server.run_forever(threaded=True)
announce(server.port)
stop.wait()
server.shutdown()
server.server_close()
