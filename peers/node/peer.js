// What the Node.js echo servers share: their arguments and how they end.
'use strict'

exports.HOST = '127.0.0.1'

// The largest message that must be echoed, in octets. Not "unlimited": a frame header that announces 2^63 octets
// should meet a limit, as it does in a server that somebody runs.
exports.MESSAGE_OCTETS_MAX = 64 * 1024 * 1024

// The port to listen on: the last argument; 0 lets the system choose.
exports.portArgument = () => Number(process.argv.at(-1))

// Says that connections are accepted on `port` from now on.
exports.announce = (port) => console.log(`listening ${port}`)

// Calls `stop` on SIGTERM or SIGINT; the process ends when nothing is left to do, or after a second.
exports.onTermination = (stop) => {
  for (const signal of ['SIGTERM', 'SIGINT']) {
    process.once(signal, () => {
      stop()
      setTimeout(() => process.exit(0), 1000).unref()
    })
  }
}
