# The contract's methods by Tcl's xmlrpc, on a free port, which is printed. Its methods are
# commands of the same names; params come without types, results must have them.

package require xmlrpc
source [file join [file dirname [info script]] notation.tcl]

proc member {struct name} {
    return [lindex [xmlrpc::assoc $name $struct] 1]
}

proc sum {struct} {
    return [expr {[member $struct moe] + [member $struct larry] + [member $struct curly]}]
}

proc count {text character} {
    return [list int [expr {[llength [split $text $character]] - 1}]]
}

proc structOf {members} {
    array unset ::result
    array set ::result $members
    return {struct ::result}
}

proc arrayOf {type values} {
    return [list array [lmap value $values { list $type $value }]]
}

proc validator1.arrayOfStructsTest {structs} {
    set total 0
    foreach struct $structs { incr total [member $struct curly] }
    return [list int $total]
}

proc validator1.countTheEntities {text} {
    set text [notation::plain $text]
    return [structOf [list \
        ctLeftAngleBrackets [count $text <] ctRightAngleBrackets [count $text >] \
        ctAmpersands [count $text &] ctApostrophes [count $text '] ctQuotes [count $text \"]]]
}

proc validator1.easyStructTest {struct} { return [list int [sum $struct]] }

proc validator1.moderateSizeArrayCheck {texts} {
    return [list string [lindex $texts 0][lindex $texts end]]
}

proc validator1.manyTypesTest {int boolean string double date base64} {
    return [list array [list [list int $int] [list boolean $boolean] [list string $string] \
        [list double $double] [list dateTime.iso8601 $date] [list base64 $base64]]]
}

proc validator1.nestedStructTest {calendar} {
    return [list int [sum [member [member [member $calendar 2000] 04] 01]]]
}

proc validator1.simpleStructReturnTest {number} {
    foreach times {10 100 1000} { lappend members times$times [list int [expr {$number * $times}]] }
    return [structOf $members]
}

foreach {name type} {
    String string Integer int Float double Boolean boolean Date dateTime.iso8601 Base64 base64
} {
    proc interopEchoTests.echo$name {value} "return \[list $type \$value\]"
    proc interopEchoTests.echo${name}Array {values} "return \[arrayOf $type \$values\]"
}

proc interopEchoTests.noInParams {} { return {int 1} }

proc interopEchoTests.whichToolkit {} {
    return [structOf [list \
        toolkitDocsUrl {string https://packages.debian.org/tcl-xmlrpc} \
        toolkitName {string xmlrpc} toolkitVersion [list string [package present xmlrpc]] \
        toolkitOperatingSystem [list string $::tcl_platform(os)]]]
}

proc get_string {text} { return [list string "get string:$text"] }

proc add {x y} {
    set sum [expr {$x + $y}]
    return [list [expr {[string is entier $sum] ? "int" : "double"}] $sum]
}

proc image_put {base64} {
    set ::image $base64
    return {boolean 1}
}

proc image_get {} { return [list base64 $::image] }

# The library's own socket is on all addresses, at a port that it does not tell.
set listener [socket -server xmlrpc::serveOnce -myaddr 127.0.0.1 0]
puts [lindex [fconfigure $listener -sockname] 2]
flush stdout
vwait forever
