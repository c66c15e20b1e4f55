import { BlockList, isIPv6 } from 'node:net'

/**
 * Whether an address is somewhere on the internet. Not so are this machine, networks of one's own, and everything that
 * IANA's registries of special-purpose addresses set aside, ways from IPv6 into IPv4 included, since those could lead
 * there, too.
 */
export const isPublic = (address: string): boolean =>
  isIPv6(address) ? !special.ipv6.check(address, 'ipv6') : !special.ipv4.check(address, 'ipv4')

/** Two lists, because one would find every IPv4 address among those that IPv6 maps. */
const special = {
  ipv4: listOf('ipv4', [
    ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24'],
    ...['192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24'],
    ...['224.0.0.0/4', '240.0.0.0/4'],
  ]),
  ipv6: listOf('ipv6', [
    ...['::/96', '::ffff:0:0/96', '64:ff9b::/96', '64:ff9b:1::/48', '100::/64', '2001::/23', '2001:db8::/32'],
    ...['2002::/16', '3fff::/20', '5f00::/16', 'fc00::/7', 'fe80::/10', 'fec0::/10', 'ff00::/8'],
  ]),
}

function listOf(family: 'ipv4' | 'ipv6', subnets: string[]): BlockList {
  const list = new BlockList()
  for (const subnet of subnets) {
    const [address = '', prefix] = subnet.split('/')
    list.addSubnet(address, Number(prefix), family)
  }
  return list
}
