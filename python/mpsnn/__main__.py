"""`python -m mpsnn`: what is installed here."""

import argparse
from pathlib import Path

import mpsnn


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m mpsnn", description="What is installed here.")
    group = parser.add_mutually_exclusive_group(required=True)
    group.add_argument("--version", action="version", version=mpsnn.__version__)
    group.add_argument("--cmakedir", action="store_true", help="print the folder of mpsnnConfig.cmake, for mpsnn_DIR")
    group.add_argument("--devices", action="store_true", help="list the devices of this machine, fastest first")
    arguments = parser.parse_args()
    if arguments.cmakedir:
        folder = Path(mpsnn.__file__).resolve().parent / "lib" / "cmake" / "mpsnn"
        if not (folder / "mpsnnConfig.cmake").exists():
            parser.error(f"{folder} has no mpsnnConfig.cmake: this is not an installed package")
        print(folder)
    if arguments.devices:
        for device in mpsnn.devices():
            print(f"{device.name}: {device.description}")


if __name__ == "__main__":
    main()
