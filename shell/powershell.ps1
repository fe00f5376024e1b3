# Runs a script that comes on standard input, as one line: base64 of JSON in UTF-8, { "variables": { … }, "script": "…" }.
# So neither shows on a command line, and no console's encoding spoils them. What comes out is UTF-8 without a mark.
$ErrorActionPreference = 'Stop'
[Console]::OutputEncoding = [Text.UTF8Encoding]::new($false)
$request = [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String((@($input) -join ''))) | ConvertFrom-Json
foreach ($variable in $request.variables.PSObject.Properties) {
  [Environment]::SetEnvironmentVariable($variable.Name, [string]$variable.Value)
}
try {
  & ([ScriptBlock]::Create($request.script))
} catch {
  [Console]::Error.WriteLine(($_ | Out-String).TrimEnd())
  exit 1
}
exit 0
