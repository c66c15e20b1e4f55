import { randomBytes } from 'node:crypto'
import type { Sandbox } from '../domain/sandbox.js'
import { createBox, type Box } from './box.js'
import { proveBox } from './box-proof.js'
import { createDockerBox, dockerProblem, imageProblem, noImage, proveImage } from './docker-box.js'
import { noBox } from './no-box.js'
import { makePlace, placeOf, removeTree } from './trees-directory.js'

/** The box that was chosen, tried out. */
export interface ProvenBox {
  box: Box
  /** Why no command can run on this machine; null when they can. */
  off: string | null
  /** Why none can for a repository that names this image; null when they can. */
  whyOff(image: string | null): Promise<string | null>
}

interface Where {
  treesDir: string
  /** Directories of ours that commands must not see. */
  hidden: string[]
}

/** Makes the box of that kind and proves it: bubblewrap here and now, a container's image when it is first wanted. */
export async function openSandbox(kind: Sandbox, where: Where): Promise<ProvenBox> {
  switch (kind) {
    case 'bwrap': {
      const box = await createBox({ directory: where.treesDir, hidden: where.hidden })
      return alike(box, await proveBox(box, where.treesDir))
    }
    case 'docker':
      return containers(createDockerBox(), where)
    case 'none':
      return alike(noBox(), null)
  }
}

/** Where every repository's commands run in the same. */
function alike(box: Box, off: string | null): ProvenBox {
  const run: Box['run'] = () => Promise.resolve({ refused: `Commands can't be run here: ${off}.` })
  return { box: off === null ? box : { run }, off, whyOff: () => Promise.resolve(off) }
}

async function containers(docker: Box, { treesDir }: Where): Promise<ProvenBox> {
  const off = await dockerProblem()
  if (off !== null) return alike(docker, off)
  const proofs = new Map<string, Promise<string | null>>()

  /** What went wrong may be mended by the operator meanwhile: only that an image holds is remembered. */
  const whyOff = (image: string | null): Promise<string | null> => {
    if (image === null) return Promise.resolve(noImage)
    const bad = imageProblem(image)
    if (bad !== null) return Promise.resolve(bad)
    const known = proofs.get(image)
    if (known) return known
    const proof = prove(image).then(why => {
      if (why !== null) proofs.delete(image)
      return why
    })
    proofs.set(image, proof)
    return proof
  }

  async function prove(image: string): Promise<string | null> {
    const place = placeOf(treesDir, `proof-${randomBytes(12).toString('hex')}`)
    await makePlace(place)
    try {
      return await proveImage(docker, { tree: place.tree, image })
    } finally {
      await removeTree(place.directory)
    }
  }

  return {
    off: null,
    whyOff,
    box: {
      async run(order) {
        const why = await whyOff(order.image ?? null)
        return why === null ? docker.run(order) : { refused: `Commands can't be run here: ${why}.` }
      },
    },
  }
}
