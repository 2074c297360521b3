// Echo server on Jetty 9, with its default limits (messages of 64 KiB). Usage: java … ServerJetty PORT
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.websocket.api.RemoteEndpoint;
import org.eclipse.jetty.websocket.api.Session;
import org.eclipse.jetty.websocket.api.WebSocketAdapter;
import org.eclipse.jetty.websocket.server.WebSocketHandler;
import org.eclipse.jetty.websocket.servlet.WebSocketServletFactory;

import java.io.IOException;
import java.nio.ByteBuffer;

public class ServerJetty {
    public static class Echo extends WebSocketAdapter {
        @Override
        public void onWebSocketText(String message) {
            try {
                getRemote().sendString(message);
            } catch (IOException | RuntimeException gone) {
                // The connection has ended.
            }
        }

        @Override
        public void onWebSocketBinary(byte[] payload, int offset, int length) {
            try {
                getRemote().sendBytes(ByteBuffer.wrap(payload, offset, length));
            } catch (IOException | RuntimeException gone) {
                // The connection has ended.
            }
        }
    }

    public static void main(String[] arguments) throws Exception {
        Server server = new Server();
        ServerConnector connector = new ServerConnector(server);
        connector.setHost("127.0.0.1");
        connector.setPort(Integer.parseInt(arguments[arguments.length - 1]));
        server.addConnector(connector);
        server.setHandler(new WebSocketHandler() {
            @Override
            public void configure(WebSocketServletFactory factory) {
                factory.register(Echo.class);
            }
        });
        server.start();
        System.out.println("listening " + connector.getLocalPort());
        server.join();
    }
}
