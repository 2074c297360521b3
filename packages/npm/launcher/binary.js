// Where the wsspec binary of this platform is. Each platform's binary is a package of its own, of which npm installs
// the one that fits.
'use strict'

const executable = process.platform === 'win32' ? 'wsspec.exe' : 'wsspec'
const platform = `${process.platform}-${process.arch}`

/** The path of the binary. Throws where there is none for this platform, or its package was not installed. */
exports.binaryPath = () => {
  try {
    return require.resolve(`@wsspec/${platform}/${executable}`)
  } catch (cause) {
    const known = Object.keys(require('./package.json').optionalDependencies ?? {})
    const reason = known.includes(`@wsspec/${platform}`)
      ? `its package @wsspec/${platform} is not installed; was it with --omit=optional, or on another platform?`
      : 'there is none; cargo install wsspec makes one'
    throw new Error(`wsspec: no binary for ${platform}: ${reason}`, { cause })
  }
}
