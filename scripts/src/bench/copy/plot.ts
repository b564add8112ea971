// SPDX-License-Identifier: GPL-2.0-only
import { formatBytes, formatCount } from './format.js';
import type { CopyRow } from './rows.js';
import { allSubjects, isWithoutBytes } from './subjects.js';

const width = 1140;
const height = 720;
const legendWidth = 230;

/** Points of one line: bytes and instructions. */
function pointsOf(rows: readonly CopyRow[], subject: string): [number, number][] {
	return rows
		.filter((row) => row.subject === subject && row.memory === 'small')
		.map(({ bytes, instructions }) => [bytes, instructions]);
}

/** The new calls stand out, the floor and what isn't compared stay back. */
function lineStyle(subject: string): { width: number; type: 'solid' | 'dashed' | 'dotted' } {
	if (subject.startsWith('copy_')) {
		return { width: 4, type: 'solid' };
	}
	return {
		width: 2,
		type: subject === 'floor' ? 'dotted' : subject.includes('(') ? 'dashed' : 'solid',
	};
}

const colours = [
	'#777777',
	'#c1121f',
	'#f77f00',
	'#003049',
	'#4a90d9',
	'#003049',
	'#4a90d9',
	'#2a9d8f',
	'#8ab17d',
	'#6a4c93',
	'#b08bbb',
	'#8d5524',
	'#d4a373',
	'#e76fa1',
	'#52796f',
];

/**
 * Draws instructions per message over its size, both on logarithmic axes, with a line for each
 * subject.
 * @returns the text of an SVG file
 */
export async function plotCopy(rows: readonly CopyRow[]): Promise<string> {
	// Large, and needed only here.
	const { init } = await import('echarts');
	const chart = init(null, null, { renderer: 'svg', ssr: true, width, height });
	const subjects = allSubjects.filter(
		(subject) => !isWithoutBytes(subject) && pointsOf(rows, subject).length > 0,
	);
	chart.setOption({
		animation: false,
		backgroundColor: '#ffffff',
		color: colours,
		title: {
			text: 'Copying out of and into another process',
			subtext:
				'instructions for one message (kernel and programs); small pages; baseline: process_vm_* of the unpatched kernel',
			left: 'center',
		},
		legend: { orient: 'vertical', left: width - legendWidth, top: 'middle' },
		grid: { left: 90, right: legendWidth + 30, top: 80, bottom: 60 },
		xAxis: {
			type: 'log',
			logBase: 4,
			min: 1,
			max: Math.max(...rows.map(({ bytes }) => bytes)),
			// A mark at each power of the base; echarts would choose few and go far beyond the last.
			interval: 1,
			name: 'bytes of the message',
			nameLocation: 'middle',
			nameGap: 35,
			axisLabel: { formatter: formatBytes },
		},
		yAxis: {
			type: 'log',
			name: 'instructions',
			axisLabel: { formatter: formatCount },
		},
		series: subjects.map((subject) => ({
			name: subject,
			type: 'line',
			symbolSize: 5,
			lineStyle: lineStyle(subject),
			data: pointsOf(rows, subject),
		})),
	});
	const svg = chart.renderToSVGString();
	chart.dispose();
	return `${svg}\n`;
}
