import type { XmlElement } from '@rgrove/parse-xml'
import type { Dependency, ManifestContent } from './manifest.js'
import { childElements, elements, xmlRoot, xmlText } from './xml.js'

/**
 * A .NET project file. The SDK is a dependency `sdk:…`, a switch such as `UseWPF` one named `property:usewpf`.
 * `central` are the versions of Directory.Packages.props.
 */
export function readDotnetProject(text: string, central: ReadonlyMap<string, string>): ManifestContent {
  const project = xmlRoot(text)
  const sdk = project.attributes['Sdk']
  const properties = elements(project, 'PropertyGroup').flatMap(childElements)
  const property = (name: string): string | null =>
    properties.filter(one => one.name === name).map(one => xmlText(one))[0] ?? null
  const switches = properties.filter(
    one => /^Use(WPF|WindowsForms|Maui)$/.test(one.name) && /true/i.test(xmlText(one) ?? ''),
  )
  const target = property('TargetFramework') ?? property('TargetFrameworks') ?? property('TargetFrameworkVersion')
  return {
    name: property('AssemblyName'),
    dependencies: [
      ...(sdk === undefined ? [] : [named(`sdk:${sdk.split('/')[0] ?? ''}`, null)]),
      ...switches.map(one => named(`property:${one.name}`, null)),
      ...packages(project, 'PackageReference').map(one => ({
        ...one,
        range: one.range ?? central.get(one.name) ?? null,
      })),
      ...elements(project, 'ItemGroup', 'FrameworkReference').map(one => named(one.attributes['Include'] ?? '', null)),
    ],
    language: target?.includes('$(') ? null : target,
  }
}

/** Versions that Directory.Packages.props sets for all projects below it. */
export const readCentralPackages = (text: string): Map<string, string> =>
  new Map(packages(xmlRoot(text), 'PackageVersion').map(({ name, range }): [string, string] => [name, range ?? '']))

const packages = (project: XmlElement, element: string): Dependency[] =>
  elements(project, 'ItemGroup', element).map(one =>
    named(
      one.attributes['Include'] ?? one.attributes['Update'] ?? '',
      one.attributes['Version'] ?? xmlText(one, 'Version'),
    ),
  )

const named = (name: string, range: string | null): Dependency => ({
  name: name.toLowerCase(),
  range: range?.includes('$(') ? null : range,
  scope: 'runtime',
})
