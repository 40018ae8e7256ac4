"""Units of measurement: a closed table of exact factors.

Factors are to the unit of the International System that measures the same, and exact: by the SI Brochure (9th
edition), NIST Handbook 44, appendix C, and IEC 80000-13.  Gallons, pints and ounces of volume are those of the
United States; the imperial ones have names of their own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit: (number + `offset`) times `factor` is the number in the unit of the `dimension`.

    `symbols` tell upper from lower case where it matters (`mW`, `MW`), `words` never do.
    """

    name: str
    dimension: str
    factor: Fraction
    symbols: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    offset: Fraction = Fraction(0)


# dimension: name factor symbols | words.  A factor is a product or a quotient of decimal numbers.
_TABLE = """
mass: kg 1 kg,кг | kilogram,kilograms,kilo,kilos,kilogramme,kilogrammes
mass: g 0.001 g,г | gram,grams,gramme,grammes
mass: mg 0.000001 mg,мг | milligram,milligrams
mass: ug 0.000000001 ug,µg,mcg,мкг | microgram,micrograms
mass: t 1000 t,т | tonne,tonnes,metric ton,metric tons
mass: lb 0.45359237 lb,lbs | pound,pounds
mass: oz 0.028349523125 oz | ounce,ounces
mass: st 6.35029318 st | stone,stones
mass: short_ton 907.18474 | short ton,short tons,us ton,us tons
mass: long_ton 1016.0469088 | long ton,long tons
mass: ct 0.0002 ct | carat,carats
length: m 1 m,м | metre,metres,meter,meters
length: km 1000 km,км | kilometre,kilometres,kilometer,kilometers
length: dm 0.1 dm,дм | decimetre,decimetres,decimeter,decimeters
length: cm 0.01 cm,см | centimetre,centimetres,centimeter,centimeters
length: mm 0.001 mm,мм | millimetre,millimetres,millimeter,millimeters
length: um 0.000001 um,µm,мкм | micrometre,micrometres,micrometer,micrometers,micron,microns
length: nm 0.000000001 nm,нм | nanometre,nanometres,nanometer,nanometers
length: in 0.0254 in,″," | inch,inches
length: ft 0.3048 ft,′,' | foot,feet
length: yd 0.9144 yd | yard,yards
length: mi 1609.344 mi | mile,miles
length: nmi 1852 nmi | nautical mile,nautical miles
area: m2 1 m2,m^2,sqm,м2,кв м | square metre,square metres,square meter,square meters
area: km2 1000000 km2,km^2,км2 | square kilometre,square kilometres,square kilometer,square kilometers
area: cm2 0.0001 cm2,cm^2,см2 | square centimetre,square centimetres,square centimeter,square centimeters
area: ha 10000 ha,га | hectare,hectares
area: ft2 0.09290304 ft2,ft^2,sqft,sq ft | square foot,square feet
area: in2 0.00064516 in2,in^2,sq in | square inch,square inches
area: acre 4046.8564224 ac | acre,acres
area: mi2 2589988.110336 mi2,mi^2,sq mi | square mile,square miles
volume: l 0.001 l,L,л | litre,litres,liter,liters
volume: ml 0.000001 ml,mL,мл,cc | millilitre,millilitres,milliliter,milliliters
volume: cl 0.00001 cl,cL,сл | centilitre,centilitres,centiliter,centiliters
volume: dl 0.0001 dl,dL,дл | decilitre,decilitres,deciliter,deciliters
volume: hl 0.1 hl,hL,гл | hectolitre,hectolitres,hectoliter,hectoliters
volume: m3 1 m3,m^3,м3,куб м,cbm | cubic metre,cubic metres,cubic meter,cubic meters
volume: cm3 0.000001 cm3,cm^3,см3 | cubic centimetre,cubic centimetres,cubic centimeter,cubic centimeters
volume: fl_oz 0.0000295735295625 fl_oz,fl oz,floz,oz | fluid ounce,fluid ounces,ounce,ounces
volume: gal 0.003785411784 gal | gallon,gallons
volume: qt 0.000946352946 qt | quart,quarts
volume: pt 0.000473176473 pt | pint,pints
volume: cup 0.0002365882365 | cup,cups
volume: tbsp 0.00001478676478125 tbsp | tablespoon,tablespoons
volume: tsp 0.00000492892159375 tsp | teaspoon,teaspoons
volume: imp_gal 0.00454609 imp_gal,imp gal | imperial gallon,imperial gallons
volume: imp_pt 0.00056826125 imp_pt,imp pt | imperial pint,imperial pints
volume: imp_fl_oz 0.0000284130625 imp_fl_oz,imp fl oz | imperial fluid ounce,imperial fluid ounces
volume: bbl 0.158987294928 bbl | barrel,barrels
volume: ft3 0.028316846592 ft3,ft^3,cu ft,cuft | cubic foot,cubic feet
volume: in3 0.000016387064 in3,in^3,cu in | cubic inch,cubic inches
time: s 1 s,sec,secs,с,сек | second,seconds
time: ms 0.001 ms,мс | millisecond,milliseconds
time: us 0.000001 us,µs,мкс | microsecond,microseconds
time: ns 0.000000001 ns,нс | nanosecond,nanoseconds
time: min 60 min,mins,мин | minute,minutes
time: h 3600 h,hr,hrs,ч | hour,hours
time: d 86400 d,сут | day,days
time: wk 604800 wk,wks | week,weeks
speed: m/s 1 m/s,mps,м/с | metre per second,metres per second,meter per second,meters per second
speed: km/h 1000/3600 km/h,kmh,kph,км/ч | kilometre per hour,kilometres per hour,kilometer per hour,kilometers per hour
speed: mph 0.44704 mph | mile per hour,miles per hour
speed: kn 1852/3600 kn,kt,kts | knot,knots
information: B 8 B,Б | byte,bytes
information: bit 1 bit,b | bits
information: kB 8000 kB,KB,кБ,КБ | kilobyte,kilobytes
information: MB 8000000 MB,МБ | megabyte,megabytes
information: GB 8000000000 GB,ГБ | gigabyte,gigabytes
information: TB 8000000000000 TB,ТБ | terabyte,terabytes
information: KiB 8192 KiB | kibibyte,kibibytes
information: MiB 8388608 MiB | mebibyte,mebibytes
information: GiB 8589934592 GiB | gibibyte,gibibytes
information: TiB 8796093022208 TiB | tebibyte,tebibytes
information: kbit 1000 kbit,kb | kilobit,kilobits
information: Mbit 1000000 Mbit,Mb | megabit,megabits
information: Gbit 1000000000 Gbit,Gb | gigabit,gigabits
energy: J 1 J,Дж | joule,joules
energy: kJ 1000 kJ,кДж | kilojoule,kilojoules
energy: MJ 1000000 MJ,МДж | megajoule,megajoules
energy: cal 4.184 cal,кал | calorie,calories
energy: kcal 4184 kcal,ккал | kilocalorie,kilocalories
energy: Wh 3600 Wh,Вт⋅ч | watt hour,watt hours
energy: kWh 3600000 kWh,кВт⋅ч,кВтч | kilowatt hour,kilowatt hours
energy: MWh 3600000000 MWh,МВт⋅ч | megawatt hour,megawatt hours
power: W 1 W,Вт | watt,watts
power: mW 0.001 mW,мВт | milliwatt,milliwatts
power: kW 1000 kW,кВт | kilowatt,kilowatts
power: MW 1000000 MW,МВт | megawatt,megawatts
power: hp 0.45359237*9.80665*0.3048*550 hp | horsepower
pressure: Pa 1 Pa,Па | pascal,pascals
pressure: hPa 100 hPa,гПа | hectopascal,hectopascals
pressure: kPa 1000 kPa,кПа | kilopascal,kilopascals
pressure: MPa 1000000 MPa,МПа | megapascal,megapascals
pressure: bar 100000 bar,бар | bars
pressure: mbar 100 mbar,мбар | millibar,millibars
pressure: atm 101325 atm,атм | atmosphere,atmospheres
pressure: mmHg 133.322387415 mmHg | millimetre of mercury,millimetres of mercury
pressure: psi 0.45359237*9.80665/0.0254/0.0254 psi | pound per square inch,pounds per square inch
frequency: Hz 1 Hz,Гц | hertz
frequency: kHz 1000 kHz,кГц | kilohertz
frequency: MHz 1000000 MHz,МГц | megahertz
frequency: GHz 1000000000 GHz,ГГц | gigahertz
voltage: V 1 V,В | volt,volts
voltage: mV 0.001 mV,мВ | millivolt,millivolts
voltage: kV 1000 kV,кВ | kilovolt,kilovolts
current: A 1 A,А | ampere,amperes,amp,amps
current: mA 0.001 mA,мА | milliampere,milliamperes
temperature: K 1 K,К | kelvin,kelvins
temperature: C 1 C,°C,℃ | celsius,degree celsius,degrees celsius
temperature: F 5/9 F,°F,℉ | fahrenheit,degree fahrenheit,degrees fahrenheit
"""  # noqa: RUF001 -- symbols of several alphabets are what this table is about
_OFFSETS = {"C": Fraction("273.15"), "F": Fraction("459.67")}


def units() -> Iterator[Unit]:
    """Yield every unit of the table."""
    for line in _TABLE.strip().splitlines():
        left, words = line.split("|")
        dimension, rest = left.split(":", 1)
        name, factor, *symbols = rest.split(maxsplit=2)
        yield Unit(
            name,
            dimension,
            _factor(factor),
            tuple(symbol.strip() for symbol in ",".join(symbols).split(",") if symbol.strip()),
            tuple(words.strip().split(",")),
            _OFFSETS.get(name, Fraction(0)),
        )


def _factor(text: str) -> Fraction:
    """Return a product or quotient of decimal numbers, read from left to right."""
    value, operator = Fraction(1), "*"
    for part in text.replace("*", " * ").replace("/", " / ").split():
        if part in {"*", "/"}:
            operator = part
        else:
            value = value * Fraction(part) if operator == "*" else value / Fraction(part)
    return value
