// What the Node.js echo clients share: their arguments, and the protocol by which Autobahn|Testsuite drives clients.
//
// Usage: client-NAME.js URL                    echoes until the connection is closed
//        client-NAME.js --autobahn BASE-URL    plays every case that a driver's server has
'use strict'

// Does what the arguments say. `firstMessage` gives the text of the first message of a URL; `echo` echoes until the
// connection is closed, and rejects with what its library reports.
exports.drive = async (agent, firstMessage, echo) => {
  const [first, base, ...rest] = process.argv.slice(2)
  if (first === undefined || rest.length > 0 || (first === '--autobahn') !== (base !== undefined)) {
    console.error('usage: URL | --autobahn BASE-URL')
    process.exitCode = 2
  } else if (first === '--autobahn') {
    await play(base.replace(/\/$/, ''), encodeURIComponent(agent), firstMessage, echo)
  } else {
    await echo(first).catch((error) => {
      console.error(words(error))
      process.exitCode = 1
    })
  }
}

async function play (base, agent, firstMessage, echo) {
  const count = Number(await firstMessage(`${base}/getCaseCount`))
  for (let number = 1; number <= count; number++) {
    await echo(`${base}/runCase?case=${number}&agent=${agent}`).catch((error) => {
      if (error.code === 'ECONNREFUSED') throw error
      // Most cases are about that; what the library makes of it is seen on the wire.
      console.error(`case ${number}: ${words(error)}`)
    })
  }
  await echo(`${base}/updateReports?agent=${agent}`)
  console.log(`played ${count} cases`)
}

const words = (error) => error.code === undefined ? error.message : `${error.code}: ${error.message}`
