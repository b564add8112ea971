# SPDX-License-Identifier: GPL-2.0-only
# A service of python3-dbus, and a client of it that prints what it got.
import os
import sys

import dbus
import dbus.mainloop.glib
import dbus.service
from gi.repository import GLib

NAME = "org.example.Echo"
PATH = "/org/example/Echo"


class Echo(dbus.service.Object):
    @dbus.service.method(NAME, in_signature="s", out_signature="s")
    def Echo(self, text):
        return text

    @dbus.service.method(NAME)
    def Fail(self):
        raise dbus.DBusException("as it was asked to", name=NAME + ".Error")

    @dbus.service.method(NAME, in_signature="h", out_signature="s")
    def Read(self, descriptor):
        with os.fdopen(descriptor.take()) as file:
            return file.read()


def serve():
    dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
    name = dbus.service.BusName(NAME, dbus.SessionBus())
    service = Echo(name, PATH)
    print("ready", flush=True)
    GLib.MainLoop().run()


def call():
    bus = dbus.SessionBus()
    print(bus.get_unique_name(), bus.request_name("org.example.Client"))
    echo = dbus.Interface(bus.get_object(NAME, PATH), NAME)
    for length in (0, 1, 5000, 300000):
        text = "ō" * length
        print(length, echo.Echo(text) == text)
    reader, writer = os.pipe()
    os.write(writer, b"through a pipe")
    os.close(writer)
    print(echo.Read(dbus.types.UnixFd(reader)))
    try:
        echo.Fail()
    except dbus.DBusException as error:
        print(error)
    print(bus.release_name("org.example.Client"))


serve() if sys.argv[1] == "service" else call()
