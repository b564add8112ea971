// SPDX-License-Identifier: GPL-2.0-only
export { chooseAccelerator, type AcceleratorOptions } from './accelerator.js';
export { gdbPort, type Accelerator } from './command-line.js';
export { findReports, type KernelReport } from './console/reports.js';
export { consoleLines } from './console/read-console.js';
export { reportKinds, type ReportKind } from './console/report-kinds.js';
export { endingStatus, type Ending, type EndingKind } from './ending.js';
export { limitsFor, type Limits, type Speed } from './limits.js';
export type { GuestOptions } from './options.js';
export { quoteCommand } from './quote-command.js';
export { runGuest, type GuestResult } from './run-guest.js';
