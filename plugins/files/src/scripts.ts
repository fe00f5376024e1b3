import { script } from "@veneer/sdk"

/** Fills the dataset. Without an address, the directory is on the host itself. */
export const copy = script({
  file: "copy.sh",
  variables: { DIRECTORY: "string", MOUNT: "string", RESYNC: "boolean", ADDRESS: "string?", LOGIN: "string?", SSH_PORT: "integer?", SSH_CONFIG: "string?" },
})
