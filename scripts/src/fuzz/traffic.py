#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""A service and its client on one bus, for record-traffic.ts: every type, errors, signals."""

import os
import threading

import dbus
import dbus.service
from dbus.mainloop.glib import DBusGMainLoop, threads_init
from gi.repository import GLib

NAME = "com.example.Traffic"


class Echo(dbus.service.Object):
    @dbus.service.method(NAME, in_signature="v", out_signature="v")
    def Echo(self, value):
        return value

    @dbus.service.method(NAME, in_signature="ybnqiuxtdsog", out_signature="ybnqiuxtdsog")
    def Basic(self, y, b, n, q, i, u, x, t, d, s, o, g):
        return y, b, n, q, i, u, x, t, d, s, o, g

    @dbus.service.method(NAME, in_signature="h", out_signature="h")
    def Descriptor(self, descriptor):
        return descriptor

    @dbus.service.method(NAME, in_signature="a{sv}a(so)aay", out_signature="a{s(iv)}")
    def Containers(self, entries, structures, arrays):
        return {key: (number, value) for number, (key, value) in enumerate(entries.items())}

    @dbus.service.method(NAME)
    def Fail(self):
        raise dbus.DBusException("näh, ☃ 𝄞", name=NAME + ".Error.Failed")

    @dbus.service.signal(NAME, signature="a{sv}as")
    def Changed(self, entries, invalidated):
        pass


ADDRESS = os.environ["DBUS_SESSION_BUS_ADDRESS"]


def call():
    bus = dbus.bus.BusConnection(ADDRESS)
    echo = dbus.Interface(bus.get_object(NAME, "/com/example/Traffic"), NAME)
    bus.add_match_string("type='signal',interface='" + NAME + "'")
    echo.Basic(1, True, -2, 3, -4, 5, -6, 7, 0.5, "text ä ☃ 𝄞", "/a/b_c", "a{sv}(ii)")
    with open("/dev/null", "rb") as file:
        echo.Descriptor(dbus.types.UnixFd(file))
    entries = {"one": dbus.Int32(1), "two": dbus.Array([], signature="(yv)"), "": "text"}
    echo.Containers(entries, [("a", "/"), ("b", "/b")], [b"", b"bytes"])
    for value in (
        dbus.Dictionary({"a": dbus.Array([1, 2], signature="q")}, signature="saq"),
        dbus.Struct((dbus.Byte(1), dbus.Struct(("x", dbus.Double(1.5))))),
        dbus.Array([dbus.Boolean(True), dbus.Boolean(False)], signature="b"),
        dbus.Array([], signature="a{sv}"),
        dbus.String("x", variant_level=6),
        dbus.ByteArray(bytes(range(256))),
    ):
        echo.Echo(value)
    try:
        echo.Fail()
    except dbus.DBusException:
        pass
    bus.release_name("com.example.Nobody")
    bus.close()


def main():
    DBusGMainLoop(set_as_default=True)
    threads_init()
    loop = GLib.MainLoop()
    bus = dbus.bus.BusConnection(ADDRESS)
    name = dbus.service.BusName(NAME, bus)
    service = Echo(name, "/com/example/Traffic")
    service.Changed({"State": dbus.UInt32(3)}, ["Other"])
    failed = []

    def client():
        try:
            call()
        except Exception as error:  # The other thread has to know.
            failed.append(error)
        GLib.idle_add(loop.quit)

    threading.Thread(target=client).start()
    loop.run()
    for error in failed:
        raise error


main()
