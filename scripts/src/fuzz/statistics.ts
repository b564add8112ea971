// SPDX-License-Identifier: GPL-2.0-only

/** What libFuzzer told at the end. */
export interface FuzzStatistics {
	executions: number;
	/** How many inputs led the program where it hadn't been. */
	newInputs: number;
	/** How often libdbus gave each verdict; empty where it isn't asked. */
	verdicts: Map<string, number>;
	/** The file with the input that was a finding, if there was one. */
	finding: string | undefined;
	/** What was wrong with it. */
	complaint: string | undefined;
}

function statistic(lines: readonly string[], name: string): number {
	const prefix = `stat::${name}:`;
	const line = lines.find((each) => each.startsWith(prefix));
	const value = Number(line?.slice(prefix.length));
	if (line === undefined || !Number.isSafeInteger(value)) {
		throw new Error(`libFuzzer didn't print ${prefix}\n${lines.slice(-20).join('\n')}`);
	}
	return value;
}

/** A line of libFuzzer's that tells of a finding; an assertion's own comes before it. */
const complaintPattern = /^\S+:\d+: not |^==\d+==\s*ERROR: |: runtime error: /;

/**
 * Reads what a target printed.
 * @throws Error if the statistics are missing
 */
export function parseStatistics(lines: readonly string[]): FuzzStatistics {
	const verdicts = lines.flatMap((line) => {
		const [, verdict, count] = /^verdict::(.*): (\d+)$/.exec(line) ?? [];
		return verdict === undefined ? [] : [[verdict, Number(count)] as const];
	});
	return {
		executions: statistic(lines, 'number_of_executed_units'),
		newInputs: statistic(lines, 'new_units_added'),
		verdicts: new Map(verdicts),
		finding: lines
			.map((line) => /Test unit written to (.*)$/.exec(line)?.[1])
			.find((file) => file !== undefined),
		complaint: lines.find((line) => complaintPattern.test(line)),
	};
}
