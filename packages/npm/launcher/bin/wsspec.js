#!/usr/bin/env node
// Runs the wsspec binary of this platform, and ends as it ended.
'use strict'

const { spawn } = require('node:child_process')
const { binaryPath } = require('../binary.js')

let path
try {
  path = binaryPath()
} catch (error) {
  console.error(error.message)
  process.exit(3)
}

const child = spawn(path, process.argv.slice(2), { stdio: 'inherit' })
child.on('error', (error) => {
  console.error(`wsspec: ${path}: ${error.message}`)
  process.exit(3)
})

// What a terminal sends it sends to both processes; what comes from elsewhere comes to this one alone.
const forwarded = { SIGINT: () => !process.stdin.isTTY, SIGTERM: () => true, SIGHUP: () => true }
for (const [signal, alone] of Object.entries(forwarded)) {
  process.on(signal, () => { if (alone()) child.kill(signal) })
}

child.on('exit', (status, signal) => {
  if (signal === null) return process.exit(status)
  process.removeAllListeners(signal)
  process.kill(process.pid, signal)
})
