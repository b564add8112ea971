// SPDX-License-Identifier: GPL-2.0-only
export * from './constants.js';
export { copyFromProcess, copyToProcess } from './copy-process.js';
export { addressOf, pageSize } from './foreign-call.js';
export { readMemory, writeMemory } from './memory-access.js';
export {
	adviseMemory,
	mapMemory,
	protectMemory,
	unmapMemory,
	type MappingOptions,
} from './memory-mapping.js';
export {
	closeDescriptor,
	isDumpable,
	pidfdOpen,
	setDumpable,
	setPtracer,
	threadId,
} from './process-control.js';
export { processVmReadv, processVmWritev, type RemoteRange } from './process-vm.js';
export { systemCall, type SystemCallResult } from './system-call.js';
export { errnoName, isSystemError, type SystemError } from './system-error.js';
export { syscallNumbers, type NewSystemCallName, type SystemCallName } from './syscall-numbers.js';
export { getYamaScope, type YamaScope } from './yama.js';
