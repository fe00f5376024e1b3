import type { Client } from "@veneer/engine/client"
import { packPlugin, type ArtifactManifest } from "../build.ts"
import { createBundler, type Bundler } from "../bundle.ts"
import { checkFolder } from "../check.ts"
import type { Fault } from "../fault.ts"
import { createInspector } from "../inspector.ts"

/** What came of bringing an engine up to date with a plugin's folder. */
export type Reloaded = { plugin: ArtifactManifest; faults?: undefined } | { plugin?: undefined; faults: readonly Fault[] }

/** Builds the plugin in a folder and hands it to an engine, again and again. */
export interface Reloader {
  /** One that has faults leaves the engine with what it had. @throws VeneerError when the engine refuses it */
  reload(): Promise<Reloaded>
  close(): Promise<void>
}

/** @param below where what is only needed meanwhile is kept */
export function createReloader(directory: string, client: Client, below: string): Reloader {
  let bundler: { entry: string; made: Promise<Bundler> } | undefined
  let loaded: string | undefined
  const inspector = createInspector(directory, { ahead: true, below })
  const dispose = async (): Promise<void> => {
    const made = await bundler?.made
    bundler = undefined
    await made?.dispose()
  }
  return {
    reload: async () => {
      const checked = await checkFolder(directory, {
        inspector,
        bundleCode: async (layout) => {
          if (bundler?.entry !== layout.entry) await dispose()
          bundler ??= { entry: layout.entry, made: createBundler(layout.entry, layout.directory) }
          return (await bundler.made).bundle()
        },
      })
      if (!checked.sound || checked.faults.length > 0) return { faults: checked.faults }
      const { packed, manifest: plugin } = await packPlugin(checked)
      await client.uploadPlugin({ body: packed })
      // One that was given another id is another plugin; what still uses the former keeps it.
      if (loaded !== undefined && loaded !== plugin.id) await client.deletePlugin({ params: { id: loaded } }).catch(() => undefined)
      loaded = plugin.id
      return { plugin }
    },
    close: async () => {
      await Promise.all([dispose(), inspector.close()])
    },
  }
}
