"""What Windows shows under Properties, Details."""

from __future__ import annotations

from PyInstaller.utils.win32.versioninfo import (
    FixedFileInfo,
    StringFileInfo,
    StringStruct,
    StringTable,
    VarFileInfo,
    VarStruct,
    VSVersionInfo,
)

# US English, in Unicode.
LANGUAGE, CODE_PAGE = 0x0409, 1200


def version_resource(version: str) -> VSVersionInfo:
    """Return the version resource of the program; `version` is major.minor.patch."""
    numbers = (*(int(number) for number in version.split(".")), 0)
    texts = {
        "CompanyName": "The Vanishing Point developers",
        "FileDescription": "Vanishing Point",
        "FileVersion": version,
        "InternalName": "vanishing-point",
        "LegalCopyright": "MIT licence",
        "OriginalFilename": "vanishing-point.exe",
        "ProductName": "Vanishing Point",
        "ProductVersion": version,
    }
    table = StringTable(
        f"{LANGUAGE:04X}{CODE_PAGE:04X}",
        [StringStruct(name, text) for name, text in texts.items()],
    )
    return VSVersionInfo(
        ffi=FixedFileInfo(filevers=numbers, prodvers=numbers),
        kids=[
            StringFileInfo([table]),
            VarFileInfo([VarStruct("Translation", [LANGUAGE, CODE_PAGE])]),
        ],
    )
