// SPDX-License-Identifier: GPL-2.0-only
import test from 'ava';
import { findSysctls } from '../../src/check/quick/sysctls.js';

const macros = `#define OTHER(name) { .mode = #name }
#define SETTING(name, min) {	\\
	.procname	= #name,	\\
	.extra1		= (min),	\\
}
# define SIZED(min, name) { .procname = "size_" #name, .extra1 = (min) }
#define NAMED(_name) { .procname = (_name) }
`;

for (const [text, expected] of [
	['{\n\t.procname\t= "size_max",\n}', [['size_max', 1]]],
	[
		'\tSETTING(flows_max, &max),\n\tSETTING(flows_min, (void *)f(1, 2)),',
		[
			['flows_max', 0],
			['flows_min', 1],
		],
	],
	['\tSIZED((1, 2),\n\t      max),', [['size_max', 0]]],
	['\tNAMED("queue_max"),', [['queue_max', 0]]],
	['\tOTHER(no), MY_SETTING(no, 1), SETTING;', []],
	[macros, []],
] as const) {
	test(`sysctls of ${JSON.stringify(text)}`, (t) => {
		t.deepEqual(
			findSysctls(text, ['int x;\n', macros]).map(({ name, line }) => [name, line]),
			expected.map((each) => [...each]),
		);
	});
}
