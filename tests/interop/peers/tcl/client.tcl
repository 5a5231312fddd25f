# Makes the calls of a file by Tcl's xmlrpc: client.tcl URL FILE

package require xmlrpc
source [file join [file dirname [info script]] notation.tcl]

proc structOf {name members} {
    array set $name $members
    return [list struct $name]
}

# What a method's result is like.
proc likeness {method params} {
    switch -glob $method {
        validator1.countTheEntities {
            foreach name {LeftAngleBrackets RightAngleBrackets Ampersands Apostrophes Quotes} {
                lappend members ct$name {int 0}
            }
            return [structOf ::entities $members]
        }
        validator1.simpleStructReturnTest {
            return [structOf ::times {times10 {int 0} times100 {int 0} times1000 {int 0}}]
        }
        interopEchoTests.whichToolkit {
            foreach name {DocsUrl Name Version OperatingSystem} {
                lappend members toolkit$name {string ""}
            }
            return [structOf ::toolkit $members]
        }
        validator1.manyTypesTest { return [list array $params] }
        system.multicall {
            set fault [structOf ::fault {faultCode {int 0} faultString {string ""}}]
            return [list array [list {array {{int 0}}} $fault {array {{string ""}}}]]
        }
        system.listMethods { return {array {{string ""}}} }
        system.methodSignature { return {array {{array {{string ""}}}}} }
        *echo* { return [lindex $params 0] }
        default { return {string ""} }
    }
}

proc makeCall {url name method params} {
    if {[catch { xmlrpc::call $url RPC2 $method $params } answer]} {
        puts "error $name [notation::escape "$answer $::errorInfo" utf-8]"
        return
    }
    # The library gives a fault as if it were a result.
    set result [lindex $answer 1]
    if {[lsort [lmap member $result { lindex $member 0 }]] eq {faultCode faultString}} {
        foreach member $result { set [lindex $member 0] [lindex $member 1] }
        puts "fault $name $faultCode [notation::escape [notation::plain $faultString] utf-8]"
        return
    }
    puts [join [linsert [notation::linesOf $result [likeness $method $params]] 0 "result $name"] \n]
}

lassign $argv url path
set url [string map {/RPC2 ""} $url]
set file [open $path]
while {[gets $file line] >= 0} {
    lassign [split $line " "] _ name method count
    set params {}
    for {set left $count} {$left > 0} {incr left -1} {
        lappend params [notation::readValue $file]
    }
    makeCall $url $name $method $params
    flush stdout
}
