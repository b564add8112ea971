// SPDX-License-Identifier: GPL-2.0-only
#include <err.h>
#include <stdint.h>
#include <string.h>
#include <systemd/sd-bus.h>

#include "client.h"

static sd_bus *bus;
static bool is_addressed;

static int check(int result, const char *what)
{
	if (result < 0)
		errx(1, "sd-bus: %s: %s", what, strerror(-result));
	return result;
}

static void process_once(void)
{
	if (!check(sd_bus_process(bus, NULL), "process"))
		check(sd_bus_wait(bus, UINT64_MAX), "wait");
}

static void connect_sd_bus(const struct endpoint *endpoint)
{
	is_addressed = endpoint->is_addressed;
	check(sd_bus_new(&bus), "a connection");
	if (endpoint->address)
		check(sd_bus_set_address(bus, endpoint->address), endpoint->address);
	else
		check(sd_bus_set_fd(bus, endpoint->socket, endpoint->socket), "set a socket");
	check(sd_bus_set_bus_client(bus, endpoint->is_bus), "set bus mode");
	/* The clock may leap (bus-bench/daemons.h). */
	check(sd_bus_set_method_call_timeout(bus, UINT64_MAX), "set the timeout");
	check(sd_bus_start(bus), "start");
	while (!check(sd_bus_is_ready(bus), "is it ready"))
		process_once();
}

static const char *unique_name_sd_bus(void)
{
	const char *name = "";

	if (check(sd_bus_is_bus_client(bus), "bus mode"))
		check(sd_bus_get_unique_name(bus, &name), "unique name");
	return name;
}

static void request_name_sd_bus(const char *name)
{
	check(sd_bus_request_name(bus, name, 0), name);
}

static void set_sender(sd_bus_message *message)
{
	if (is_addressed)
		check(sd_bus_message_set_sender(message, unique_name_sd_bus()), "set SENDER");
}

static int answer(sd_bus_message *call, void *data __attribute__((unused)),
		  sd_bus_error *error __attribute__((unused)))
{
	sd_bus_message *reply;

	check(sd_bus_message_new_method_return(call, &reply), "a reply");
	set_sender(reply);
	check(sd_bus_send(bus, reply, NULL), "send a reply");
	sd_bus_message_unref(reply);
	return 1;
}

static int take_signal(sd_bus_message *message, void *data,
		       sd_bus_error *error __attribute__((unused)))
{
	void (*signal_came)(void) = data;

	/* The daemon's own are none of the caller's. */
	if (!sd_bus_message_is_signal(message, SERVICE, MEMBER))
		return 0;
	signal_came();
	return 1;
}

static __attribute__((noreturn)) void serve_sd_bus(void (*signal_came)(void))
{
	check(sd_bus_add_object(bus, NULL, OBJECT, answer, NULL), "add the object");
	check(sd_bus_add_filter(bus, NULL, take_signal, signal_came), "add a filter");
	for (;;)
		process_once();
}

static void append_entry(sd_bus_message *message)
{
	check(sd_bus_message_open_container(message, 'e', "sv"), "an entry");
	check(sd_bus_message_append_basic(message, 's', ENTRY_KEY), "a key");
	check(sd_bus_message_open_container(message, 'v', "s"), "a variant");
	check(sd_bus_message_append_basic(message, 's', STRING_TEXT), "a value");
	check(sd_bus_message_close_container(message), "close a variant");
	check(sd_bus_message_close_container(message), "close an entry");
}

static void append_body(sd_bus_message *message, const struct request *request)
{
	bool strings = request->body == BODY_STRINGS;
	size_t count = request->bytes / (strings ? STRING_BYTES : ENTRY_BYTES);

	if (request->body == BODY_BYTES) {
		check(sd_bus_message_append_array(message, 'y', body_bytes, request->bytes), "bytes");
		return;
	}
	check(sd_bus_message_open_container(message, 'a', strings ? "s" : "{sv}"), "an array");
	for (size_t i = 0; i < count; i++) {
		if (strings)
			check(sd_bus_message_append_basic(message, 's', STRING_TEXT), "a string");
		else
			append_entry(message);
	}
	check(sd_bus_message_close_container(message), "close an array");
}

static sd_bus_message *make_call(const struct request *request)
{
	sd_bus_message *message;

	check(sd_bus_message_new_method_call(bus, &message, request->destination, OBJECT, SERVICE,
					     MEMBER), "a call");
	set_sender(message);
	append_body(message, request);
	return message;
}

static void call_once(const struct request *request)
{
	sd_bus_error error = SD_BUS_ERROR_NULL;
	sd_bus_message *call = make_call(request), *reply;

	if (sd_bus_call(bus, call, UINT64_MAX, &error, &reply) < 0)
		errx(1, "sd-bus: a call: %s: %s", error.name, error.message);
	sd_bus_message_unref(call);
	sd_bus_message_unref(reply);
}

static int count_reply(sd_bus_message *reply, void *data,
		       sd_bus_error *error __attribute__((unused)))
{
	unsigned int *answered = data;

	if (sd_bus_message_is_method_error(reply, NULL))
		errx(1, "sd-bus: a call: %s", sd_bus_message_get_error(reply)->name);
	(*answered)++;
	return 1;
}

static void call_sd_bus(const struct request *request, unsigned int count)
{
	unsigned int answered = 0;

	if (count == 1) {
		call_once(request);
		return;
	}
	for (unsigned int i = 0; i < count; i++) {
		sd_bus_message *call = make_call(request);

		check(sd_bus_call_async(bus, NULL, call, count_reply, &answered, UINT64_MAX), "call");
		sd_bus_message_unref(call);
	}
	while (answered < count)
		process_once();
}

static void send_signals_sd_bus(const struct request *request, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		sd_bus_message *message;

		check(sd_bus_message_new_signal(bus, &message, OBJECT, SERVICE, MEMBER), "a signal");
		if (request->destination)
			check(sd_bus_message_set_destination(message, request->destination),
			      "set DESTINATION");
		set_sender(message);
		append_body(message, request);
		check(sd_bus_send(bus, message, NULL), "send a signal");
		sd_bus_message_unref(message);
	}
	check(sd_bus_flush(bus), "flush");
}

const struct library sd_bus_library = {
	.name = "sd-bus",
	.connect = connect_sd_bus,
	.unique_name = unique_name_sd_bus,
	.request_name = request_name_sd_bus,
	.serve = serve_sd_bus,
	.call = call_sd_bus,
	.send_signals = send_signals_sd_bus,
};
