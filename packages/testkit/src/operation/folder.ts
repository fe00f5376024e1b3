import { fileURLToPath } from "node:url"

/** Absolute path of what is named by path or URL. */
export const folderOf = (folder: string | URL | undefined): string | undefined => (folder instanceof URL ? fileURLToPath(folder) : folder)
