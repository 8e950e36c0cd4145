export interface CephPorts {
  readonly monV2: number
  readonly monV1: number
  readonly gateway: number
}

/**
 * The settings of the smallest Ceph that serves S3: one monitor, one OSD that keeps everything in memory, one gateway,
 * all on loopback and all files in `dir`.
 */
export function cephConf(dir: string, fsid: string, ports: CephPorts): string {
  return `[global]
fsid = ${fsid}
mon host = ${monAddress(ports)}
public network = 127.0.0.0/8
cluster network = 127.0.0.0/8
public addr = 127.0.0.1
cluster addr = 127.0.0.1
ms bind ipv6 = false
# Without any authentication the gateway cannot connect at all.
auth cluster required = cephx
auth service required = cephx
auth client required = cephx
auth allow insecure global id reclaim = false
keyring = ${dir}/keyring
osd pool default size = 1
osd pool default min size = 1
osd crush chooseleaf type = 0
osd pool default pg num = 8
osd pool default pg autoscale mode = off
mon allow pool size one = true
mon warn on pool no redundancy = false
mon max pg per osd = 1000
# A developer's disk is often fuller than a cluster's may be; nothing is kept on it here.
mon data avail warn = 1
mon data avail crit = 1
# The monitor lets changes gather for a second before it agrees on them, and clients look every five whether the OSD
# is there by now. A start is a dozen such waits in a row: with these three it takes one second instead of fourteen.
paxos propose interval = 0.02
paxos min wait = 0.01
objecter tick interval = 0.2
run dir = ${dir}
admin socket = ${dir}/$name.$pid.asok
pid file = ${dir}/$name.pid
log file = ${dir}/$name.log
[mon.a]
mon data = ${dir}/mon
[osd.0]
osd data = ${dir}/osd
osd objectstore = memstore
memstore device bytes = ${8 * 2 ** 30}
# That store counts its bytes without a lock. Two threads may count below zero, which is more than any disk has: it is full from then on, and hangs.
osd op num shards = 1
osd op num threads per shard = 1
[client.rgw]
rgw frontends = beast endpoint=127.0.0.1:${ports.gateway}
rgw data = ${dir}/rgw
rgw enable usage log = false
rgw enable ops log = false
rgw dns name = localhost
# Deleted bytes are kept for two hours by default: in memory, a long run would fill up and hang.
rgw gc obj min wait = 2
rgw gc processor period = 2
rgw gc processor max time = 2
rgw gc max objs = 8
rgw gc max concurrent io = 50
rgw max concurrent requests = 256
`
}

export function monAddress(ports: CephPorts): string {
  return `[v2:127.0.0.1:${ports.monV2},v1:127.0.0.1:${ports.monV1}]`
}
