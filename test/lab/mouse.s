# A boot sector that shows what the PS/2 mouse does, by the colour of the whole screen (text mode, so the colours are VGA's):
# grey until something happens, green when the mouse moves, brown at its left button, red at its right one.

        .code16
        .globl _start
_start:
        cli                     # Nobody but this loop reads the mouse.
        xor %ax, %ax
        mov %ax, %ss
        mov $0x7c00, %sp
        cld
        mov $0x0003, %ax        # Text mode, 80 x 25; it clears the screen.
        int $0x10
        mov $0x0103, %ax        # No cursor.
        mov $0x2000, %cx
        int $0x10
        mov $0xb800, %ax
        mov %ax, %es
        mov $0x70, %ah
        call paint

        # 8042: the keyboard off, the second port on, and its next byte for the mouse: enable data reporting.
        mov $0xad, %al
        call command
        mov $0xa8, %al
        call command
        mov $0xd4, %al
        call command
        mov $0xf4, %al
        call ready
        out %al, $0x60
acknowledged:
        call read
        cmp $0xfa, %al
        jne acknowledged

        # A packet is three bytes: buttons, with bit 3 always set; movement to the right; movement up.
packet: call read
        test $0x08, %al
        jz packet
        mov %al, %bl
        call read
        mov %al, %bh
        call read
        or %al, %bh
        mov $0x60, %ah
        test $0x01, %bl
        jnz show
        mov $0x40, %ah
        test $0x02, %bl
        jnz show
        mov $0x20, %ah
        test %bh, %bh
        jz packet
show:   call paint
        jmp packet

# Fills the screen with blanks of the colours in ah.
paint:  mov $' ', %al
        xor %di, %di
        mov $(80 * 25), %cx
        rep stosw
        ret

command:
        call ready
        out %al, $0x64
        ret

# Waits until the 8042 takes a byte.
ready:  mov %al, %dl
1:      in $0x64, %al
        test $0x02, %al
        jnz 1b
        mov %dl, %al
        ret

# A byte of the mouse, in al.
read:   in $0x64, %al
        test $0x01, %al
        jz read
        test $0x20, %al
        in $0x60, %al
        jz read
        ret

        .org 510
        .word 0xaa55
