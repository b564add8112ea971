// SPDX-License-Identifier: GPL-2.0-only
export { cacheDirectory, cachePath } from './cache.js';
export { checkSeries, type CheckResult } from './check/check-series.js';
export { longCheckers, quickCheckers } from './check/checkers.js';
export { formatFinding, type Finding } from './check/finding.js';
export { architectures, type Architecture } from './cross/architectures.js';
export { crossCompile, type CrossResult } from './cross/cross-compile.js';
export { variants as crossVariants } from './cross/variants.js';
export { replaceTable } from './cover-letter.js';
export { formatDuration } from './durations.js';
export { completeOrAbsent } from './files.js';
export { everydayFlavours, isChecked, kernelFlavours, type KernelFlavour } from './flavours.js';
export {
	applyKernel,
	configKernel,
	ensureKernel,
	fetchKernel,
	fetchOtherKernel,
	type KernelOptions,
} from './kernel.js';
export type { KernelImage } from './kernel-store.js';
export { withLock } from './lock.js';
export { parseSender, type Address } from './mail/address.js';
export { mailSeries, type MailOptions, type MailResult } from './mail/mail-series.js';
export {
	createReporter,
	reportStage,
	type Progress,
	type ProgressOptions,
	type Reporter,
	type ReportStream,
} from './reporter.js';
export {
	findSeries,
	functionsOfSeries,
	listSeries,
	type Series,
	type SeriesDescription,
} from './series.js';
export { applySeries } from './series-apply.js';
export { exportSeries } from './series-export.js';
export { ensureProjectBase } from './project-base.js';
export { diffSeries } from './series-diff.js';
export { writeSeriesFiles } from './series-files.js';
export { ensureSelftests, type Selftest } from './selftests.js';
export type { KernelSource } from './source.js';
export { UserError } from './user-error.js';
