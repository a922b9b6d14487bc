; An installer for Windows, made by Inno Setup from the folder that build.py has built:
;   iscc /DVersion=0.1.0 /DFolder=..\..\.package\vanishing-point-0.1.0-windows-x86_64 windows-installer.iss
; It installs for one user, without an administrator's password, as lecture halls seldom give one.
[Setup]
AppId=VanishingPoint
AppName=Vanishing Point
AppVersion={#Version}
AppPublisher=The Vanishing Point developers
DefaultDirName={autopf}\Vanishing Point
DefaultGroupName=Vanishing Point
DisableProgramGroupPage=yes
PrivilegesRequired=lowest
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
LicenseFile={#Folder}\LICENSE
UninstallDisplayIcon={app}\vanishing-point.exe
OutputDir=..\..\.package
OutputBaseFilename=vanishing-point-{#Version}-windows-x86_64-setup
Compression=lzma2
SolidCompression=yes

[Files]
Source: "{#Folder}\*"; DestDir: "{app}"; Flags: recursesubdirs ignoreversion

[Icons]
Name: "{group}\Vanishing Point"; Filename: "{app}\vanishing-point.exe"

[Run]
Filename: "{app}\vanishing-point.exe"; Description: "Vanishing Point"; Flags: postinstall nowait skipifsilent
