import type { MountSpecification, Reason } from "@veneer/sdk"
import { BrokenPromise } from "./broken-promise.ts"
import type { Effect } from "./job.ts"
import type { Kit } from "./kit.ts"
import type { Mounts } from "./mounts.ts"
import type { Subject, Take } from "./take.ts"

/** Mounts a dataset where its plugin wants it; undo takes it away again. */
export function mountEffect(take: Take, subject: Subject, dataset: string, reason: Reason): Effect<Mounts> {
  return {
    run: async () => take.kit.mounts.mount({ dataset: take.kit.storage.path(dataset), specification: await take.mountSpecification(subject, reason), fallback: ownPath(take.kit, subject) }),
    undo: () => unmount(take, dataset),
  }
}

/** Mounts a dataset apart from its source, laid out as the source's plugin wants it. */
export function mountApart(take: Take, subject: Subject, dataset: string, name: string): Effect<Mounts> {
  return {
    run: async () => {
      // A direct plugin has no say in where its dataset is.
      const isDirect = subject.kind === "dsource" && take.kit.description.ingestion === "direct"
      const { mounts, ownership }: MountSpecification = isDirect ? { mounts: [{}] } : await take.mountSpecification(subject, "publish")
      const [first, ...rest] = mounts.map(({ subdirectory }) => (subdirectory === undefined ? {} : { subdirectory }))
      const specification: MountSpecification = { mounts: [first ?? {}, ...rest], ...(ownership && { ownership }) }
      return take.kit.mounts.mount({ dataset: take.kit.storage.path(dataset), specification, fallback: take.kit.mountPath("publish", name) })
    },
    undo: () => unmount(take, dataset),
  }
}

/** Where a dataset is mounted now; undefined when any of it is not. */
export async function mountsOf(take: Take, subject: Subject, dataset: string): Promise<Mounts | undefined> {
  const specification = await take.mountSpecification(subject, "status")
  return take.kit.mounts.mounted({ dataset: take.kit.storage.path(dataset), specification, fallback: ownPath(take.kit, subject) })
}

/** The mounts of what is attached. */
export async function mountedNow(take: Take, subject: Subject, dataset: string): Promise<Mounts> {
  const mounts = await mountsOf(take, subject, dataset)
  if (mounts) return mounts
  throw new BrokenPromise({
    found: `In ${take.workflow} ${subject.kind === "dsource" ? "linked" : "virtual"}.mountSpecification named other mounts than those that are there.`,
    promise: "A mount specification stays the same for the life of its source.",
    action: "Derive it from the parameters and the source's id alone.",
  })
}

/** Takes a dataset's mounts away. Whoever still uses them keeps an engine from it. */
export async function unmount(take: Take, dataset: string): Promise<void> {
  const holders = await take.kit.mounts.unmount(take.kit.storage.path(dataset))
  if (holders === undefined) return
  throw new BrokenPromise({
    found: `In ${take.workflow} the dataset ${dataset} can't be unmounted: it is in use by ${holders}.`,
    promise: "What an operation started on a dataset is stopped, and gone, before the dataset is unmounted: by unconfigure, by stopStaging, at the end of publish.",
    action: "Stop it there and wait until its process has ended; let a script that is cut off end what it started (trap … EXIT).",
    log: take.kit.log,
  })
}

const ownPath = (kit: Kit, { kind, id }: Subject): string => kit.mountPath(kind, id)
