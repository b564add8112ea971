/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What bus-client does on a bus by each library. Nothing of this returns an error: what goes wrong
 * ends the program with a message.
 */
#ifndef FASTIPC_BUS_CLIENT_H
#define FASTIPC_BUS_CLIENT_H

#include <stdbool.h>
#include <stddef.h>

#define SERVICE		"org.example.Service"
#define OBJECT		"/org/example/Object"
#define MEMBER		"Method"

/* Elements of strings and of dictionaries take so many bytes each in a message, and no padding. */
#define STRING_BYTES	16
#define STRING_TEXT	"eleven char"
#define ENTRY_BYTES	32
#define ENTRY_KEY	"seventy"

enum body { BODY_BYTES, BODY_STRINGS, BODY_DICTIONARY };

/* Where a client connects to */
struct endpoint {
	/* A bus's address; NULL for a socket that is connected already */
	const char *address;
	int socket;
	/* There is a daemon at the other end to say Hello to, or what plays one. */
	bool is_bus;
	/* SENDER is to be written by the client, for there is no daemon later on. */
	bool is_addressed;
};

/* What a caller sends */
struct request {
	/* NULL without a bus */
	const char *destination;
	enum body body;
	/* Of the array in the body, at most */
	size_t bytes;
};

struct library {
	const char *name;
	/* Returns when the connection can be used. */
	void (*connect)(const struct endpoint *endpoint);
	/* The unique name; empty without a bus */
	const char *(*unique_name)(void);
	void (*request_name)(const char *name);
	/* Answers each call with nothing, and never reads the body; @signal_came is told of each signal. */
	void (*serve)(void (*signal_came)(void)) __attribute__((noreturn));
	/* Makes @count calls at once, and returns when all were answered. */
	void (*call)(const struct request *request, unsigned int count);
	/* Returns when all were written. */
	void (*send_signals)(const struct request *request, unsigned int count);
};

extern const struct library sd_bus_library, libdbus_library;

/* As many bytes as anybody asks for */
extern char *const body_bytes;

#endif
