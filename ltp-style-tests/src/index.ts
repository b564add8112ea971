// SPDX-License-Identifier: GPL-2.0-only
export { contractRows, rowsNotShown, type ContractRow } from './contract-rows.js';
export { describesDelivery } from './dbus-tests/judge.js';
export {
	dbusTestsCommand,
	demonstrationCommand,
	guestTestCommand,
	selftestCommand,
	type GuestTestCommand,
	type TestPart,
} from './guest-command.js';
export type { Kernel, Needs } from './needs/needs.js';
export { races, type Race } from './races.js';
export { parseKtap } from './report/parse-ktap.js';
export { parseTap } from './report/parse-tap.js';
export {
	countTotals,
	crashedTest,
	type StageReport,
	type TestResult,
	type TestStatus,
	type Totals,
} from './report/results.js';
export { stageSummary, totalsLine } from './report/summary.js';
export { writeReports } from './report/write-reports.js';
