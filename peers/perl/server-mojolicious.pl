# Echo server on Mojolicious, with its default limits. Usage: server-mojolicious.pl PORT
use Mojolicious::Lite -signatures;
use Mojo::IOLoop;
use Mojo::Server::Daemon;

app->log->level('fatal');

websocket '/*any' => {any => ''} => sub ($c) {
  $c->on(text   => sub ($c, $octets) { $c->send({text   => $octets}) });
  $c->on(binary => sub ($c, $octets) { $c->send({binary => $octets}) });
};

my $port   = $ARGV[-1];
my $daemon = Mojo::Server::Daemon->new(
  app    => app,
  silent => 1,
  listen => [$port ? "http://127.0.0.1:$port" : 'http://127.0.0.1']
);
$daemon->start;
$| = 1;
say 'listening ' . $daemon->ports->[0];
$SIG{$_} = sub { exit 0 } for qw(TERM INT);
Mojo::IOLoop->start;
