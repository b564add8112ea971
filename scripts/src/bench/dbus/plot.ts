// SPDX-License-Identifier: GPL-2.0-only
import { formatBytes, formatCount } from '../copy/format.js';
import { findRow, type DbusRow } from './rows.js';
import { subjects, type Client } from './subjects.js';

const width = 1140;
const height = 720;
const legendWidth = 260;

/** By subject; a library's lines are solid or dashed. */
const colours = ['#999999', '#003049', '#c1121f', '#2a9d8f', '#f77f00'];

const libraries: readonly (readonly [Client, 'solid' | 'dashed'])[] = [
	['sd-bus', 'solid'],
	['libdbus', 'dashed'],
];

/** Lines of calls with bodies of bytes that were measured, each with a value or none at each size. */
function seriesOf(rows: readonly DbusRow[], sizes: readonly number[]) {
	return libraries.flatMap(([client, type]) =>
		subjects.flatMap((subject, index) => {
			const data = sizes.map(
				(bytes) => findRow(rows, subject, client, 'call', bytes)?.instructions ?? null,
			);
			const colour = colours[index] ?? '#000000';
			return data.every((value) => value === null)
				? []
				: [
						{
							name: `${subject}, ${client}`,
							type: 'line' as const,
							symbolSize: 5,
							itemStyle: { color: colour },
							lineStyle: { color: colour, type, width: subject === 'AF_DBUS' ? 4 : 2 },
							data,
						},
					];
		}),
	);
}

/**
 * Draws instructions per call over the size of its body, a line for each subject and library. The
 * sizes are side by side, for nothing has no place on a logarithmic axis.
 * @returns the text of an SVG file
 */
export async function plotDbus(rows: readonly DbusRow[]): Promise<string> {
	// Large, and needed only here.
	const { init } = await import('echarts');
	const chart = init(null, null, { renderer: 'svg', ssr: true, width, height });
	const calls = rows.filter(({ workload }) => workload === 'call');
	const sizes = [...new Set(calls.map(({ bytes }) => bytes))].sort((one, other) => one - other);
	chart.setOption({
		animation: false,
		backgroundColor: '#ffffff',
		title: {
			text: 'A method call of D-Bus and its reply',
			subtext: 'instructions (kernel, daemon and both ends); the body is an array of bytes',
			left: 'center',
		},
		legend: { orient: 'vertical', left: width - legendWidth, top: 'middle' },
		grid: { left: 90, right: legendWidth + 30, top: 80, bottom: 60 },
		xAxis: {
			type: 'category',
			data: sizes.map(formatBytes),
			name: 'bytes of the body',
			nameLocation: 'middle',
			nameGap: 35,
		},
		yAxis: {
			type: 'log',
			name: 'instructions',
			min: 10_000,
			axisLabel: { formatter: formatCount },
		},
		series: seriesOf(calls, sizes),
	});
	const svg = chart.renderToSVGString();
	chart.dispose();
	return `${svg}\n`;
}
