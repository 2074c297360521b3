// Echo client on `undici`, whose WebSocket is the one that Node.js itself has. Arguments as in driver.js.
'use strict'

const { WebSocket } = require('undici')
const { drive } = require('./driver')

// Resolves when the connection is closed, and rejects then if the library has reported an error.
const talk = (url, receive) => new Promise((resolve, reject) => {
  const socket = new WebSocket(url)
  socket.binaryType = 'arraybuffer'
  let failure
  socket.addEventListener('message', ({ data }) => receive(socket, data))
  socket.addEventListener('error', ({ error, message }) => { failure = error?.cause ?? error ?? new Error(message) })
  socket.addEventListener('close', () => failure === undefined ? resolve() : reject(failure))
})

async function firstMessage (url) {
  let text
  await talk(url, (_, data) => { text ??= data })
  return text
}

drive('undici', firstMessage, (url) => talk(url, (socket, data) => socket.send(data)))
