const MEBIBYTE = 1024 * 1024

/** What a plugin's artifact may hold at most: what `build` makes within it, an engine takes. */
export const artifactLimits = { packedBytes: 64 * MEBIBYTE, unpackedBytes: 256 * MEBIBYTE, files: 2_000 }
