// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <dbus/dbus.h>
#include <err.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "client.h"

static DBusConnection *connection;
static bool is_addressed, is_bus;

static void check(dbus_bool_t done, const char *what)
{
	if (!done)
		errx(1, "libdbus: %s failed", what);
}

static void check_error(const DBusError *error, const char *what)
{
	if (dbus_error_is_set(error))
		errx(1, "libdbus: %s: %s: %s", what, error->name, error->message);
}

static void process_once(void)
{
	check(dbus_connection_read_write_dispatch(connection, -1), "to go on");
}

static DBusConnection *open_address(const char *address)
{
	DBusError error = DBUS_ERROR_INIT;
	DBusConnection *opened = dbus_connection_open_private(address, &error);

	check_error(&error, address);
	return opened;
}

/*
 * libdbus takes no socket that is connected already. It gets one by its number: before a word was
 * said on the connection that it has opened, the socket takes the place of that connection's.
 */
static DBusConnection *adopt_socket(int fd)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), replaced;
	DBusConnection *opened;
	char address[128];
	socklen_t length;

	length = offsetof(struct sockaddr_un, sun_path) +
		 snprintf(name.sun_path + 1, sizeof(name.sun_path) - 1, "bus-client-%d", getpid()) + 1;
	if (listener < 0 || bind(listener, (struct sockaddr *)&name, length) || listen(listener, 1))
		err(1, "listen at an abstract address");
	snprintf(address, sizeof(address), "unix:abstract=%s", name.sun_path + 1);
	opened = open_address(address);
	check(dbus_connection_get_unix_fd(opened, &replaced), "to tell its socket");
	if (fcntl(fd, F_SETFL, O_NONBLOCK) || dup2(fd, replaced) < 0)
		err(1, "take the place of libdbus's socket");
	close(fd);
	close(listener);
	return opened;
}

static void connect_libdbus(const struct endpoint *endpoint)
{
	DBusError error = DBUS_ERROR_INIT;

	is_addressed = endpoint->is_addressed;
	is_bus = endpoint->is_bus;
	connection = endpoint->address ? open_address(endpoint->address) :
					 adopt_socket(endpoint->socket);
	if (is_bus) {
		dbus_bus_register(connection, &error);
		check_error(&error, "Hello");
	}
	while (!dbus_connection_get_is_authenticated(connection))
		check(dbus_connection_read_write(connection, -1), "to authenticate");
}

static const char *unique_name_libdbus(void)
{
	return is_bus ? dbus_bus_get_unique_name(connection) : "";
}

static void request_name_libdbus(const char *name)
{
	DBusError error = DBUS_ERROR_INIT;

	int owner = dbus_bus_request_name(connection, name, DBUS_NAME_FLAG_DO_NOT_QUEUE, &error);

	check_error(&error, name);
	check(owner == DBUS_REQUEST_NAME_REPLY_PRIMARY_OWNER, "to own the name of the service");
}

static void set_sender(DBusMessage *message)
{
	if (is_addressed)
		check(dbus_message_set_sender(message, unique_name_libdbus()), "to set SENDER");
}

static DBusHandlerResult take(DBusConnection *from, DBusMessage *message, void *data)
{
	void (*signal_came)(void) = data;
	DBusMessage *reply;

	if (dbus_message_is_signal(message, SERVICE, MEMBER)) {
		signal_came();
		return DBUS_HANDLER_RESULT_HANDLED;
	}
	if (dbus_message_get_type(message) != DBUS_MESSAGE_TYPE_METHOD_CALL)
		return DBUS_HANDLER_RESULT_NOT_YET_HANDLED;
	reply = dbus_message_new_method_return(message);
	check(reply != NULL, "to make a reply");
	set_sender(reply);
	check(dbus_connection_send(from, reply, NULL), "to send a reply");
	dbus_message_unref(reply);
	return DBUS_HANDLER_RESULT_HANDLED;
}

static __attribute__((noreturn)) void serve_libdbus(void (*signal_came)(void))
{
	check(dbus_connection_add_filter(connection, take, signal_came, NULL), "to add a filter");
	for (;;)
		process_once();
}

static void append_text(DBusMessageIter *to, const char *text)
{
	check(dbus_message_iter_append_basic(to, DBUS_TYPE_STRING, &text), "to append a string");
}

static void append_entry(DBusMessageIter *array)
{
	DBusMessageIter entry, variant;

	check(dbus_message_iter_open_container(array, DBUS_TYPE_DICT_ENTRY, NULL, &entry), "an entry");
	append_text(&entry, ENTRY_KEY);
	check(dbus_message_iter_open_container(&entry, DBUS_TYPE_VARIANT, "s", &variant), "a variant");
	append_text(&variant, STRING_TEXT);
	check(dbus_message_iter_close_container(&entry, &variant), "to close a variant");
	check(dbus_message_iter_close_container(array, &entry), "to close an entry");
}

static void append_body(DBusMessage *message, const struct request *request)
{
	static const char *const signatures[] = { "y", "s", "{sv}" };
	DBusMessageIter all, array;

	dbus_message_iter_init_append(message, &all);
	check(dbus_message_iter_open_container(&all, DBUS_TYPE_ARRAY, signatures[request->body],
					       &array), "an array");
	if (request->body == BODY_BYTES)
		check(dbus_message_iter_append_fixed_array(&array, DBUS_TYPE_BYTE, &body_bytes,
							   request->bytes), "bytes");
	else if (request->body == BODY_STRINGS)
		for (size_t i = 0; i < request->bytes / STRING_BYTES; i++)
			append_text(&array, STRING_TEXT);
	else
		for (size_t i = 0; i < request->bytes / ENTRY_BYTES; i++)
			append_entry(&array);
	check(dbus_message_iter_close_container(&all, &array), "to close an array");
}

static DBusMessage *fill(DBusMessage *message, const struct request *request)
{
	check(message != NULL, "to make a message");
	set_sender(message);
	append_body(message, request);
	return message;
}

static DBusMessage *make_call(const struct request *request)
{
	return fill(dbus_message_new_method_call(request->destination, OBJECT, SERVICE, MEMBER),
		    request);
}

static void call_once(const struct request *request)
{
	DBusError error = DBUS_ERROR_INIT;
	DBusMessage *call = make_call(request), *reply;

	reply = dbus_connection_send_with_reply_and_block(connection, call, DBUS_TIMEOUT_INFINITE,
							  &error);
	check_error(&error, "a call");
	dbus_message_unref(call);
	dbus_message_unref(reply);
}

static void count_reply(DBusPendingCall *pending, void *data)
{
	DBusMessage *reply = dbus_pending_call_steal_reply(pending);
	unsigned int *answered = data;

	if (dbus_message_get_type(reply) != DBUS_MESSAGE_TYPE_METHOD_RETURN)
		errx(1, "libdbus: a call: %s", dbus_message_get_error_name(reply));
	(*answered)++;
	dbus_message_unref(reply);
	dbus_pending_call_unref(pending);
}

static void call_libdbus(const struct request *request, unsigned int count)
{
	unsigned int answered = 0;

	if (count == 1) {
		call_once(request);
		return;
	}
	for (unsigned int i = 0; i < count; i++) {
		DBusMessage *call = make_call(request);
		DBusPendingCall *pending;

		check(dbus_connection_send_with_reply(connection, call, &pending,
						      DBUS_TIMEOUT_INFINITE) && pending, "to call");
		check(dbus_pending_call_set_notify(pending, count_reply, &answered, NULL),
		      "to wait for a reply");
		dbus_message_unref(call);
	}
	while (answered < count)
		process_once();
}

static void send_signals_libdbus(const struct request *request, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		DBusMessage *message = fill(dbus_message_new_signal(OBJECT, SERVICE, MEMBER), request);

		if (request->destination)
			check(dbus_message_set_destination(message, request->destination),
			      "to set DESTINATION");
		check(dbus_connection_send(connection, message, NULL), "to send a signal");
		dbus_message_unref(message);
	}
	dbus_connection_flush(connection);
}

const struct library libdbus_library = {
	.name = "libdbus",
	.connect = connect_libdbus,
	.unique_name = unique_name_libdbus,
	.request_name = request_name_libdbus,
	.serve = serve_libdbus,
	.call = call_libdbus,
	.send_signals = send_signals_libdbus,
};
