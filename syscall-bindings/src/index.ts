// SPDX-License-Identifier: GPL-2.0-only
export * from './constants.js';
export { copyFromProcess, copyToProcess } from './copy-process.js';
export {
	dbusConnection,
	isDbusSocket,
	isOnlyWayIn,
	setOnlyWayIn,
	upgradeToDbus,
	type DbusConnection,
} from './dbus-options.js';
export { connectDbus, listenDbus } from './dbus-streams.js';
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
export type { SocketAddress } from './socket-address.js';
export {
	acceptConnection,
	bindSocket,
	connectSocket,
	listenSocket,
	openSocket,
	peerAddress,
	pollDescriptor,
	receiveBytes,
	sendBytes,
	shutdownSocket,
	socketAddress,
} from './sockets.js';
export { systemCall, type SystemCallResult } from './system-call.js';
export { errnoName, isSystemError, type SystemError } from './system-error.js';
export { syscallNumbers, type NewSystemCallName, type SystemCallName } from './syscall-numbers.js';
export { getYamaScope, type YamaScope } from './yama.js';
