// Echo server on Boost.Beast, with its default limits. Usage: server-beast PORT
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/websocket.hpp>
#include <cstdlib>
#include <iostream>
#include <memory>

namespace beast = boost::beast;
namespace websocket = beast::websocket;
using tcp = boost::asio::ip::tcp;

// One connection: accept, then read and write in turns until an error or the end.
class Session : public std::enable_shared_from_this<Session> {
  public:
    explicit Session(tcp::socket&& socket) : stream_(std::move(socket)) {}

    void run() {
        stream_.async_accept(beast::bind_front_handler(&Session::read_next, shared_from_this()));
    }

  private:
    void read_next(beast::error_code error) {
        if (error) return;
        stream_.async_read(buffer_, beast::bind_front_handler(&Session::write_back, shared_from_this()));
    }

    void write_back(beast::error_code error, std::size_t) {
        if (error) return;
        stream_.text(stream_.got_text());
        stream_.async_write(buffer_.data(), [self = shared_from_this()](beast::error_code failed, std::size_t written) {
            self->buffer_.consume(written);
            self->read_next(failed);
        });
    }

    websocket::stream<beast::tcp_stream> stream_;
    beast::flat_buffer buffer_;
};

static void accept_next(tcp::acceptor& acceptor) {
    acceptor.async_accept([&acceptor](beast::error_code error, tcp::socket socket) {
        if (!error) {
            socket.set_option(tcp::no_delay(true));
            std::make_shared<Session>(std::move(socket))->run();
        }
        accept_next(acceptor);
    });
}

int main(int count, char** arguments) {
    boost::asio::io_context context;
    auto port = static_cast<unsigned short>(std::atoi(arguments[count - 1]));
    tcp::acceptor acceptor(context, {boost::asio::ip::make_address("127.0.0.1"), port});
    std::cout << "listening " << acceptor.local_endpoint().port() << std::endl;
    boost::asio::signal_set stop(context, SIGTERM, SIGINT);
    stop.async_wait([&](auto, auto) { context.stop(); });
    accept_next(acceptor);
    context.run();
}
