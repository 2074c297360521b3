// Sends messages to an echo endpoint with Node.js `ws` and wants them back.
// Usage and plan as in drive_websockets.py.
'use strict'

const { once } = require('node:events')
const { readFileSync } = require('node:fs')
const { createServer: createPlainServer } = require('node:http')
const { createServer: createTlsServer } = require('node:https')
const { WebSocket, WebSocketServer } = require('ws')

const FRAGMENTS = 5
const ALL_FORMS_OCTETS_MAX = 1 << 20
const plan = JSON.parse(process.argv.at(-1))
const common = {
  maxPayload: 64 * 1024 * 1024,
  // Without this, messages below 1024 octets would not be compressed.
  perMessageDeflate: plan.offer && { threshold: 0 }
}

// A text of `size` octets that compresses like prose more than like zeros.
function textOf (size) {
  let words = ''
  for (let number = 0; number < 2000; number++) words += `${number * number % 9973} octets, `
  return words.repeat(Math.floor(size / words.length) + 1).slice(0, size)
}

async function drive (socket) {
  const expected = plan.compressed ? 'permessage-deflate' : ''
  if (socket.extensions !== expected) throw new Error(`extensions '${socket.extensions}', not '${expected}'`)
  const sent = { messages: 0, octets: 0 }
  for (const size of plan.sizes) {
    const text = textOf(size)
    const binary = Buffer.from(text)
    for (const kind of ['text', 'binary', 'fragments']) {
      if (kind === 'binary' && size > ALL_FORMS_OCTETS_MAX) continue
      if (kind === 'fragments') {
        const step = Math.max(1, Math.ceil(size / FRAGMENTS))
        for (let at = 0; at + step < size; at += step) socket.send(binary.subarray(at, at + step), { fin: false, binary: true })
        const last = size === 0 ? 0 : (Math.ceil(size / step) - 1) * step
        socket.send(binary.subarray(last), { fin: true, binary: true })
      } else {
        socket.send(kind === 'text' ? text : binary)
      }
      const [echo, isBinary] = await once(socket, 'message')
      if (isBinary !== (kind !== 'text') || !binary.equals(echo)) throw new Error(`${size} octets of ${kind} came back as ${echo.length} others`)
      sent.messages++
      sent.octets += size
    }
  }
  socket.close(1000)
  const [code] = await once(socket, 'close')
  if (code !== 1000) throw new Error(`closed with ${code}`)
  return sent
}

async function listen () {
  const http = plan.cert === null
    ? createPlainServer()
    : createTlsServer({ cert: readFileSync(plan.cert), key: readFileSync(plan.key) })
  const server = new WebSocketServer({ ...common, server: http })
  http.listen(0, '127.0.0.1', () => console.log('listening', http.address().port))
  const [socket] = await once(server, 'connection')
  const sent = await drive(socket)
  http.close()
  return sent
}

async function connect (url) {
  const socket = new WebSocket(url, { ...common, ca: plan.cert === null ? undefined : readFileSync(plan.cert) })
  await once(socket, 'open')
  return drive(socket)
}

const outcome = process.argv[2] === 'listen' ? listen() : connect(process.argv[3])
outcome.then(
  (sent) => console.log(JSON.stringify(sent)),
  (error) => {
    console.error(error)
    process.exit(1)
  }
)
