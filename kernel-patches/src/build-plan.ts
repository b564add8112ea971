// SPDX-License-Identifier: GPL-2.0-only
import { createHash } from 'node:crypto';
import path from 'node:path';
import { hashPatches } from './applied-commit.js';
import { cachePath } from './cache.js';
import { flavourContents, type KernelFlavour } from './flavours.js';
import { formatFragment, readFragments, type RequestedOption } from './fragments.js';
import { listSeries, type Series } from './series.js';
import type { KernelSource } from './source.js';
import { findToolchain, type Toolchain } from './toolchain.js';

/** Counts up when what the build does changes in a way that its inputs don't show. */
const recipe = 1;

/** Everything that one kernel is built from, and where. */
export interface BuildPlan {
	flavour: KernelFlavour;
	source: KernelSource;
	series: Series[];
	requested: RequestedOption[];
	toolchain: Toolchain;
	/** Names the finished kernel: the flavour and a hash of all its inputs. */
	key: string;
	/** Holds `tree` (the sources), `objects` and the logs; kept, so that make is incremental. */
	directory: string;
	tree: string;
	objects: string;
}

/** Works out what a kernel is built from, without building or changing anything. */
export async function planBuild(flavour: KernelFlavour, source: KernelSource): Promise<BuildPlan> {
	const { series, fragments } = flavourContents(flavour, await listSeries());
	const [requested, toolchain, patches] = await Promise.all([
		readFragments(fragments),
		findToolchain(),
		hashPatches(series),
	]);
	const inputs = [recipe, source.commit, patches, formatFragment(requested), toolchain.versions];
	const hash = createHash('sha256').update(JSON.stringify(inputs)).digest('hex').slice(0, 16);
	const directory = cachePath('build', `${flavour}${source.suffix}`);
	return {
		flavour,
		source,
		series,
		requested,
		toolchain,
		key: `${flavour}-${hash}`,
		directory,
		tree: path.join(directory, 'tree'),
		objects: path.join(directory, 'objects'),
	};
}
